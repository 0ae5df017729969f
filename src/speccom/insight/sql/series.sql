-- Each line of each board month by month: lines, exact pounds, and activity.
select
    service_line,
    area,
    financial_year,
    month,
    sum(lines) as lines,
    sum(actual) as actual
from months_asked
group by service_line, area, financial_year, month

-- What each service line cost in each month of earlier years, whoever paid.
select
    service_line,
    financial_year,
    month,
    sum(actual) as pounds,
    sum(lines) as lines
from months
group by service_line, financial_year, month

-- What each service line cost in each month, whoever paid.
select
    financial_year,
    month,
    service_line,
    sum(actual) as actual,
    cast(sum(lines) as bigint) as lines
from months
group by financial_year, month, service_line
order by service_line nulls last

-- Of each line, how many patients cost how much in a year, over boards: the distribution of a case's cost.
select
    financial_year,
    service_line,
    band,
    sum(patients) as patients,
    sum(actual) as actual,
    sum(squares) as squares
from cases_asked
group by financial_year, service_line, band
order by service_line nulls last, band nulls first

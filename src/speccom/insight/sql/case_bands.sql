-- Of each line, how many patients cost how much in a year, over boards and years: the distribution of a case's cost.
select
    service_line,
    band,
    sum(patients) as patients,
    sum(actual) as actual,
    sum(squares) as squares
from cases_asked
group by service_line, band
order by service_line nulls last, band nulls first

-- Of each line, how many patients cost how much in a year: the distribution of what a case costs.
select
    service_line,
    band,
    sum(patients) as patients,
    sum(actual) as actual,
    sum(squares) as squares
from cases
group by service_line, band
order by service_line nulls last, band nulls first

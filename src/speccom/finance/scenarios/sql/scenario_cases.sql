-- Of each line and board: patients of a year, for the footprints that a scenario changes.
select
    service_line,
    icb,
    sum(patients) as patients,
    sum(actual) as actual
from cases
group by service_line, icb

-- Of each board, the pounds of the patient-level sets and those of the aggregate set: they should be the same.
select
    area,
    sum(actual) as actual,
    sum(aggregate) as aggregate
from months_asked
group by area

-- Of each board: patient-level lines and exact pounds, and the pounds of the aggregate set, which should be the same.
select
    area,
    sum(lines) as lines,
    sum(actual) as actual,
    sum(aggregate) as aggregate
from months_asked
group by area

-- One row per group of `dimensions`: lines, patients, actual and plan, nothing where a group has none.
select
    dimensions,
    sum(lines) as lines,
    sum(patients) as patients,
    coalesce(sum(actual), 0) as actual,
    coalesce(sum(plan), 0) as plan
from (
    select dimensions, lines, 0 as patients, actual, plan from summed
    union all
    select dimensions, 0 as lines, patients, null as actual, null as plan from patients
) as both_parts
group by dimensions

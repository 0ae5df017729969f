-- One row per group: `dimensions` stands for the columns that were asked for. A patient counts once in a group,
-- however many lines, drugs and devices are theirs; lines without a patient count as lines only.
select
    dimensions,
    sum(lines) as lines,
    count(distinct patient_id) as patients,
    coalesce(sum(actual), 0) as actual,
    coalesce(sum(plan), 0) as plan
from measured
group by dimensions

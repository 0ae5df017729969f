-- Distinct patients of each group, over activity, drugs and devices together: `dimensions` stands for the columns
-- that were asked for, and `people` has a row for each line with a patient.
select
    dimensions,
    count(distinct patient_id) as patients
from people
group by dimensions

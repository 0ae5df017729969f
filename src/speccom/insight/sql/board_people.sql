-- Patients of each board, distinct over the union of the lines and over activity, drugs and devices together.
select
    area,
    count(distinct patient_id) as patients
from people_seen
group by area

-- Patients of each board, distinct over the union of the lines and over activity, drugs and devices together;
-- lines and exact pounds, those without a patient included.
select
    area,
    count(distinct patient_id) as patients,
    sum(lines) as lines,
    sum(case when patient_id is null then lines else 0 end) as lines_without_patient,
    sum(actual) as actual
from people_asked
group by area

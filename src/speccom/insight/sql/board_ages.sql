-- Patients of each board by age and gender, each once, at the oldest age stated in the year.
select
    area,
    age,
    gender,
    count(*) as patients
from (
    select
        area,
        patient_id,
        max(age) as age,
        max(gender) as gender
    from people_seen
    group by area, patient_id
) as each_patient
group by area, age, gender

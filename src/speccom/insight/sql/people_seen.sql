-- Each patient of the lines that were asked for, once for each board that they count to and provider that cared for
-- them: what every count of patients is made of, so that the lines are read once.
select
    area,
    provider,
    patient_id,
    max(age) as age,
    max(gender) as gender
from people_asked
where patient_id is not null
group by area, provider, patient_id

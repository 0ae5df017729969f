-- Each patient of a board once, at the oldest age stated. Lines whose identity is withheld are of no patient, and
-- stay apart by age, gender and small area, so that their pounds lie where they were spent.
select
    area,
    patient_id,
    max(age) as age,
    max(gender) as gender,
    max(lsoa) as lsoa,
    sum(actual) as actual
from people_asked
group by
    area,
    patient_id,
    case when patient_id is null then age end,
    case when patient_id is null then gender end,
    case when patient_id is null then lsoa end

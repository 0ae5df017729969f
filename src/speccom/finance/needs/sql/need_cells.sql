-- Patients and pounds of each board and small area by age band and gender; no band where no age is stated.
select
    need_people.area,
    need_people.lsoa,
    age_band.band,
    need_people.gender,
    count(need_people.patient_id) as patients,
    sum(need_people.actual) as actual
from need_people
left join age_band
    on need_people.age >= age_band.lower
    and need_people.age < age_band.below
group by
    need_people.area,
    need_people.lsoa,
    age_band.band,
    need_people.gender

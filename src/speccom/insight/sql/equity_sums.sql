-- Patients by where they live, age and gender, with their pounds and the sum of each one's pounds squared.
select
    area,
    quintile,
    has_lsoa,
    age,
    gender,
    count(*) as patients,
    sum(lines) as lines,
    sum(actual) as actual,
    sum(cast(actual as double) * cast(actual as double)) as squares
from equity_patients
group by area, quintile, has_lsoa, age, gender

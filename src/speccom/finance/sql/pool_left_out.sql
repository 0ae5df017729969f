-- Pounds of lines that have no patient, which no pool of cases can hold, beside all pounds.
select
    sum(case when people_asked.patient_id is null then people_asked.actual else 0 end) as without_patient,
    sum(people_asked.actual) as cost
from people_asked
inner join pool_year
    on pool_year.financial_year = people_asked.financial_year

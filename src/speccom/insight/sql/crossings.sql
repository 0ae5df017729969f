-- Patients of each board at each provider, distinct over the lines.
select
    people_asked.area,
    people_asked.provider as other,
    count(distinct people_asked.patient_id) as patients
from people_asked
group by people_asked.area, people_asked.provider

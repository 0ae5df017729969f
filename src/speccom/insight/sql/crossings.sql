-- Patients of each board at each provider, distinct over the lines.
select
    area,
    provider as other,
    count(distinct patient_id) as patients
from people_seen
group by area, provider

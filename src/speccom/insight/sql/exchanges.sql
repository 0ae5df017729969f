-- Patients of each board in the area of each host, distinct over the lines and its providers.
select
    people_asked.area,
    provider_host.host_icb as other,
    count(distinct people_asked.patient_id) as patients
from people_asked
left join provider_host
    on provider_host.provider = people_asked.provider
group by people_asked.area, provider_host.host_icb

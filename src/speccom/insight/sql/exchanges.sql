-- Patients of each board in the area of each host, distinct over the lines and its providers.
select
    people_seen.area,
    provider_host.host_icb as other,
    count(distinct people_seen.patient_id) as patients
from people_seen
left join provider_host
    on provider_host.provider = people_seen.provider
group by people_seen.area, provider_host.host_icb

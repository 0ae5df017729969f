-- Patients cared for in the area of each board, each once, wherever they live.
select
    provider_host.host_icb,
    count(distinct people_seen.patient_id) as patients
from people_seen
left join provider_host
    on provider_host.provider = people_seen.provider
group by provider_host.host_icb

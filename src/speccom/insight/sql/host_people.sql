-- Patients cared for in the area of each board, each once, wherever they live.
select
    provider_host.host_icb,
    count(distinct people_asked.patient_id) as patients
from people_asked
left join provider_host
    on provider_host.provider = people_asked.provider
group by provider_host.host_icb

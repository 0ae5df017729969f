-- What the people of each board had at each provider: distinct patients over the lines, lines and exact pounds.
select
    people_asked.area,
    people_asked.provider,
    provider_host.host_icb,
    count(distinct people_asked.patient_id) as patients,
    sum(people_asked.lines) as lines,
    sum(people_asked.actual) as actual
from people_asked
left join provider_host
    on provider_host.provider = people_asked.provider
group by people_asked.area, people_asked.provider, provider_host.host_icb

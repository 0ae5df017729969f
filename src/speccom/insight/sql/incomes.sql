-- What the people of each board had at each provider: lines and exact pounds.
select
    months_asked.area,
    months_asked.provider,
    provider_host.host_icb,
    sum(months_asked.lines) as lines,
    sum(months_asked.actual) as actual
from months_asked
left join provider_host
    on provider_host.provider = months_asked.provider
where months_asked.lines > 0
group by months_asked.area, months_asked.provider, provider_host.host_icb

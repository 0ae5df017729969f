-- Of each line, board, provider and year: what the board's people cost there.
select
    months_asked.financial_year,
    months_asked.service_line,
    months_asked.area,
    months_asked.provider,
    provider_host.host_icb,
    sum(months_asked.lines) as lines,
    sum(months_asked.actual) as actual
from months_asked
left join provider_host
    on provider_host.provider = months_asked.provider
group by
    months_asked.financial_year,
    months_asked.service_line,
    months_asked.area,
    months_asked.provider,
    provider_host.host_icb

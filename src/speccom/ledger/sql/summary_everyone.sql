-- Distinct patients of all specialised lines together, which take longest to tell apart: of each board (`board`), of
-- each board at each provider (`provider`) and in the area of each host (`host`), and of all boards (`england`).
with seen as (
    select distinct
        people.financial_year,
        people.icb,
        people.provider,
        people.patient_id
    from people
    inner join specialised_line
        on specialised_line.service_line = people.service_line
    where people.patient_id is not null
),
hosts as (
    select distinct
        provider,
        host_icb
    from months
)
select
    financial_year,
    'provider' as level,
    icb,
    provider as other,
    count(*) as patients
from seen
group by financial_year, icb, provider
union all
select
    financial_year,
    'host' as level,
    icb,
    host_icb as other,
    count(distinct patient_id) as patients
from seen
left join hosts
    on hosts.provider = seen.provider
group by financial_year, icb, host_icb
union all
select
    financial_year,
    'board' as level,
    icb,
    cast(null as varchar) as other,
    count(distinct patient_id) as patients
from seen
group by financial_year, icb
union all
select
    financial_year,
    'england' as level,
    cast(null as varchar) as icb,
    cast(null as varchar) as other,
    count(distinct patient_id) as patients
from seen
where icb not in ('OTHER NATION', 'UNKNOWN')
group by financial_year

-- The service lines that one to seven people of an area, or of those cared for in it, had in the year.
with had as (
    select distinct
        person_home.area as home,
        person_host.area as host,
        people.service_line,
        coalesce(people.patient_id, -1) as person
    from people
    inner join line_pool
        on line_pool.service_line = people.service_line
        and line_pool.pool = 'all'
    inner join person_home
        on person_home.icb = people.icb
        and person_home.home = people.home
    inner join person_host
        on person_host.provider = coalesce(people.provider, '')
)
select
    'home' as side,
    home as area,
    service_line
from had
group by home, service_line
having count(distinct person) < 8
union all
select
    'host' as side,
    host as area,
    service_line
from had
group by host, service_line
having count(distinct person) < 8

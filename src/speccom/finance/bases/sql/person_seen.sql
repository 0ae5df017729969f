-- How many lines each person had of each specialised service line, by the area of their home and of their provider.
-- Lines without a patient count as one person's.
select
    person_home.area as home,
    person_host.area as host,
    people.service_line,
    coalesce(people.patient_id, -1) as person,
    sum(people.lines) as lines
from people
inner join line_pool
    on line_pool.service_line = people.service_line
    and line_pool.pool = 'all'
inner join person_home
    on person_home.icb = people.icb
    and person_home.home = people.home
inner join person_host
    on person_host.provider = coalesce(people.provider, '')
group by
    person_home.area,
    person_host.area,
    people.service_line,
    coalesce(people.patient_id, -1)

-- How many lines the seven people with the most have, of each home area, each host area and each pair of them, over
-- all service lines and over those of each pool: a sum that is made of more lines than these is of eight people at
-- least. Lines without a patient count as one person's.
with had as (
    select
        line_pool.pool,
        person_home.area as home,
        person_host.area as host,
        coalesce(people.patient_id, -1) as person,
        sum(people.lines) as lines
    from people
    inner join line_pool
        on line_pool.service_line = people.service_line
    inner join person_home
        on person_home.icb = people.icb
        and person_home.home = people.home
    inner join person_host
        on person_host.provider = coalesce(people.provider, '')
    group by line_pool.pool, person_home.area, person_host.area, coalesce(people.patient_id, -1)
),
sides as (
    select
        'home' as side,
        pool,
        home as area,
        '' as other,
        person,
        sum(lines) as lines
    from had
    group by pool, home, person
    union all
    select
        'host' as side,
        pool,
        host as area,
        '' as other,
        person,
        sum(lines) as lines
    from had
    group by pool, host, person
    union all
    select
        'pair' as side,
        pool,
        home as area,
        host as other,
        person,
        lines
    from had
    where pool = 'all'
),
ranked as (
    select
        *,
        row_number() over (
            partition by side, pool, area, other
            order by lines desc nulls last, person nulls last
        ) as place
    from sides
)
select
    side,
    pool,
    area,
    other,
    sum(lines) as lines
from ranked
where place <= 7
group by side, pool, area, other

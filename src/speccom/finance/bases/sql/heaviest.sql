-- How many lines the seven people with the most have, of each home area, each host area and each pair of them, over
-- all service lines and over those of each pool: a sum that is made of more lines than these is of eight people at
-- least. People with equally many lines are tallied first, since there are few such numbers and many people.
with of_home as (
    select
        person_seen.home,
        line_pool.pool,
        person_seen.person,
        sum(person_seen.lines) as lines
    from person_seen
    inner join line_pool
        on line_pool.service_line = person_seen.service_line
    group by person_seen.home, line_pool.pool, person_seen.person
),
of_host as (
    select
        person_seen.host,
        line_pool.pool,
        person_seen.person,
        sum(person_seen.lines) as lines
    from person_seen
    inner join line_pool
        on line_pool.service_line = person_seen.service_line
    group by person_seen.host, line_pool.pool, person_seen.person
),
of_pair as (
    select
        home,
        host,
        person,
        sum(lines) as lines
    from person_seen
    group by home, host, person
),
tallied as (
    select
        'home' as side,
        pool,
        home as area,
        '' as other,
        lines,
        count(*) as people
    from of_home
    group by pool, home, lines
    union all
    select
        'host' as side,
        pool,
        host as area,
        '' as other,
        lines,
        count(*) as people
    from of_host
    group by pool, host, lines
    union all
    select
        'pair' as side,
        'all' as pool,
        home as area,
        host as other,
        lines,
        count(*) as people
    from of_pair
    group by home, host, lines
),
ranked as (
    select
        *,
        sum(people) over (
            partition by side, pool, area, other
            order by lines desc nulls last
            rows between unbounded preceding and current row
        ) as so_far
    from tallied
)
select
    side,
    pool,
    area,
    other,
    sum(lines * case when so_far <= 7 then people else 7 - so_far + people end) as lines
from ranked
where so_far - people < 7
group by side, pool, area, other

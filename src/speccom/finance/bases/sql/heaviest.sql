-- How many lines the seven people with the most have, of each home area, each host area and each pair of them, over
-- all service lines and over those of each pool: a sum that is made of more lines than these is of eight people at
-- least. People with equally many lines are tallied first, since there are few such numbers and many people.
with of_home as (
    select
        person_seen.home,
        numbered_pools.number as pool,
        person_seen.person,
        sum(person_seen.lines) as lines
    from person_seen
    inner join numbered_pools
        on numbered_pools.line = person_seen.line
    group by person_seen.home, numbered_pools.number, person_seen.person
),
of_host as (
    select
        person_seen.host,
        numbered_pools.number as pool,
        person_seen.person,
        sum(person_seen.lines) as lines
    from person_seen
    inner join numbered_pools
        on numbered_pools.line = person_seen.line
    group by person_seen.host, numbered_pools.number, person_seen.person
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
        0 as other,
        lines,
        count(*) as people
    from of_home
    group by pool, home, lines
    union all
    select
        'host' as side,
        pool,
        host as area,
        0 as other,
        lines,
        count(*) as people
    from of_host
    group by pool, host, lines
    union all
    select
        'pair' as side,
        0 as pool,
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
    ranked.side,
    coalesce(pools.pool, 'all') as pool,
    areas.area,
    coalesce(others.area, '') as other,
    sum(ranked.lines * case when ranked.so_far <= 7 then ranked.people else 7 - ranked.so_far + ranked.people end) as lines
from ranked
inner join numbered_areas as areas
    on areas.number = ranked.area
left join numbered_areas as others
    on others.number = ranked.other
left join (select distinct pool, number from numbered_pools) as pools
    on pools.number = ranked.pool
where ranked.so_far - ranked.people < 7
group by ranked.side, coalesce(pools.pool, 'all'), areas.area, coalesce(others.area, '')

-- The service lines that one to seven people of an area, or of those cared for in it, had in the year.
select
    few.side,
    numbered_areas.area,
    numbered_lines.service_line
from (
    select
        'home' as side,
        home as area,
        line
    from person_seen
    group by home, line
    having count(distinct person) < 8
    union all
    select
        'host' as side,
        host as area,
        line
    from person_seen
    group by host, line
    having count(distinct person) < 8
) as few
inner join numbered_areas
    on numbered_areas.number = few.area
inner join numbered_lines
    on numbered_lines.number = few.line

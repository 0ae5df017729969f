-- The service lines that one to seven people of an area, or of those cared for in it, had in the year.
select
    'home' as side,
    home as area,
    service_line
from person_seen
group by home, service_line
having count(distinct person) < 8
union all
select
    'host' as side,
    host as area,
    service_line
from person_seen
group by host, service_line
having count(distinct person) < 8

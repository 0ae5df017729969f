-- How many lines of activity of each service line asked about are of each home area and each host area.
select
    months.service_line,
    person_home.area as home,
    person_host.area as host,
    sum(months.lines) as lines
from months
inner join line_pool
    on line_pool.service_line = months.service_line
inner join person_home
    on person_home.icb = months.icb
    and person_home.home = months.home
inner join person_host
    on person_host.provider = coalesce(months.provider, '')
where months.kind = 'activity'
    and months.lines > 0
group by months.service_line, person_home.area, person_host.area

-- What the people of each area had of each service line at each provider, with the passage that it is of on each day:
-- who pays before and after, and why it does not move. Drugs and devices are held centrally, whoever has the line.
select
    line_then.on_date,
    line_then.line,
    home_then.area,
    host_then.provider,
    passage.central,
    passage.pair,
    sum(months.lines) as records,
    sum(months.activity) as activity,
    sum(months.actual) as pounds
from months
inner join line_then
    on line_then.line = coalesce(months.service_line, '')
inner join home_then
    on home_then.icb = months.icb
    and home_then.home = months.home
    and home_then.on_date = line_then.on_date
inner join host_then
    on host_then.provider = coalesce(months.provider, '')
    and host_then.on_date = line_then.on_date
inner join passage
    on passage.on_date = line_then.on_date
    and passage.line_kind = line_then.line_kind
    and passage.place = home_then.place
    and passage.host = host_then.host
    and passage.central = (months.kind <> 'activity')
where months.lines > 0
group by
    line_then.on_date,
    line_then.line,
    home_then.area,
    host_then.provider,
    passage.central,
    passage.pair

-- Whoever had any of what moves: a row for each patient, line, home and provider of the year's summary.
select
    line_then.on_date,
    passage.pair,
    line_then.line_part + home_then.area_part + passage.pair as cell,
    people.patient_id
from people
inner join line_then
    on line_then.line = people.service_line
inner join home_then
    on home_then.icb = people.icb
    and home_then.home = people.home
    and home_then.on_date = line_then.on_date
inner join host_then
    on host_then.provider = coalesce(people.provider, '')
    and host_then.on_date = line_then.on_date
inner join passage
    on passage.on_date = line_then.on_date
    and passage.line_kind = line_then.line_kind
    and passage.place = home_then.place
    and passage.host = host_then.host
where not passage.central
    and passage.why = ''
    and people.patient_id is not null
    and line_then.line_part + home_then.area_part + passage.pair in (select cell from effect_moving)

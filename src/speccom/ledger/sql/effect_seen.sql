-- Whoever had any of what moves: a row for each patient, line, home and provider of the year's summary.
select
    effect_cells.cell,
    people.patient_id
from people
inner join host_then
    on host_then.provider = coalesce(people.provider, '')
inner join effect_cells
    on effect_cells.on_date = host_then.on_date
    and effect_cells.host = host_then.host
    and effect_cells.line = people.service_line
    and effect_cells.icb = people.icb
    and effect_cells.home = people.home
where people.patient_id is not null

-- Each cell on each day of the decision, with who pays for it before and after, and why it does not move.
select
    home_then.on_date,
    effect_cells.line,
    home_then.area,
    effect_cells.provider,
    effect_cells.kind,
    effect_cells.records,
    effect_cells.activity,
    effect_cells.pounds,
    passage.pair,
    line_then.line_part + home_then.area_part + passage.pair as cell,
    passage.payer_before,
    passage.payer_after,
    passage.why
from effect_cells
inner join line_then
    on line_then.line = effect_cells.line
inner join home_then
    on home_then.icb = effect_cells.icb
    and home_then.home = effect_cells.home
    and home_then.on_date = line_then.on_date
inner join host_then
    on host_then.provider = effect_cells.provider
    and host_then.on_date = line_then.on_date
inner join passage
    on passage.on_date = line_then.on_date
    and passage.line_kind = line_then.line_kind
    and passage.place = home_then.place
    and passage.host = host_then.host
    and passage.central = (effect_cells.kind <> 'activity')

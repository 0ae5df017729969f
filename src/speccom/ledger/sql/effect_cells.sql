-- Which homes, and providers of which region, are in each cell that moves. Cells of drugs and devices alone are of no
-- people that could be told apart.
select
    effect_moving.cell,
    effect_moving.pair,
    effect_moving.on_date,
    effect_moving.line,
    home_then.icb,
    home_then.home,
    passage.host
from effect_moving
inner join line_then
    on line_then.on_date = effect_moving.on_date
    and line_then.line = effect_moving.line
inner join home_then
    on home_then.on_date = effect_moving.on_date
    and home_then.area = effect_moving.area
inner join passage
    on passage.on_date = effect_moving.on_date
    and passage.line_kind = line_then.line_kind
    and passage.place = home_then.place
    and passage.pair = effect_moving.pair
where not effect_moving.central
    and not passage.central

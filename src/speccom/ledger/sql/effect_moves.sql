-- The same with its patients; what is of drugs and devices alone has none that could be told apart.
select
    effect_moving.on_date as on,
    effect_moving.line,
    effect_moving.area,
    effect_moving.payer_before as from_commissioner,
    effect_moving.payer_after as to_commissioner,
    patients_of_cell.patients,
    effect_moving.records,
    effect_moving.activity,
    effect_moving.pounds,
    effect_moving.providers
from effect_moving
left join patients_of_cell
    on patients_of_cell.cell = effect_moving.cell

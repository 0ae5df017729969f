-- The same with its patients; what is of drugs and devices alone has none that could be told apart.
select
    effect_moving.on_date as on,
    effect_moving.line,
    effect_moving.area,
    effect_moving.payer_before as from_commissioner,
    effect_moving.payer_after as to_commissioner,
    seen.patients,
    effect_moving.records,
    effect_moving.activity,
    effect_moving.pounds,
    effect_moving.providers
from effect_moving
left join (
    select
        cell,
        count(distinct patient_id) as patients
    from effect_seen
    group by cell
) as seen
    on seen.cell = effect_moving.cell

-- Each patient once, over boards and providers: the oldest age stated, gender, lines and pounds, and where they live.
select
    each_patient.*,
    equity_homes.lsoa is not null as has_lsoa,
    small_area.quintile,
    small_area.area
from (
    select
        patient_id,
        max(age) as age,
        max(gender) as gender,
        sum(lines) as lines,
        sum(actual) as actual
    from equity_lines
    where patient_id is not null
    group by patient_id
) as each_patient
left join equity_homes
    on equity_homes.patient_id = each_patient.patient_id
left join small_area
    on small_area.lsoa = equity_homes.lsoa

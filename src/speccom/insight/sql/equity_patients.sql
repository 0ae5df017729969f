-- Each patient once with where they live.
select
    equity_patient.*,
    equity_homes.lsoa is not null as has_lsoa,
    small_area.quintile,
    small_area.area
from equity_patient
left join equity_homes
    on equity_homes.patient_id = equity_patient.patient_id
left join small_area
    on small_area.lsoa = equity_homes.lsoa

-- The home of each patient who has lines that state no responsible area, as drugs and devices do not: that of the
-- last month of the year in which another line of theirs states one. A patient of none has no row.
with without_area as (
    select distinct patient_id
    from ledger
    where patient_id is not null
    and gp_responsibility is null
    and residence_responsibility is null
)
select
    patient_id,
    -- One text to be greatest, so that board and home are of one line: the month first, two digits long.
    max(concat(
        lpad(cast(month as varchar), 2, '0'),
        '|',
        case when reason like 'B-%' then 'OTHER NATION' else home_icb end,
        '|',
        case when reason like 'B-%' then 'OTHER NATION' else home_area end
    )) as latest
from ledger
where patient_id in (select patient_id from without_area)
and (gp_responsibility is not null or residence_responsibility is not null)
and (reason like 'B-%' or home_icb is not null)
group by patient_id

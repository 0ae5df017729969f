-- The small area where each patient lives: that of most of their lines in the year, the first code of equals.
select
    patient_id,
    lsoa
from (
    select
        patient_id,
        lsoa,
        row_number() over (
            partition by patient_id
            order by lines desc nulls last, lsoa asc nulls last
        ) as place
    from (
        select
            patient_id,
            lsoa,
            sum(lines) as lines
        from equity_lines
        where patient_id is not null
            and lsoa is not null
        group by patient_id, lsoa
    ) as each_lsoa
) as ordered
where place = 1

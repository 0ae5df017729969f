-- Patients by the board that is responsible for most of their lines (the first code of equals), each once, by age and
-- gender, with pounds and squares.
select
    area,
    age,
    gender,
    count(*) as patients,
    sum(actual) as actual,
    sum(cast(actual as double) * cast(actual as double)) as squares
from (
    select
        area,
        max(age) over (partition by patient_id) as age,
        max(gender) over (partition by patient_id) as gender,
        sum(actual) over (partition by patient_id) as actual,
        row_number() over (
            partition by patient_id
            order by lines desc nulls last, area asc nulls last
        ) as place
    from (
        select
            area,
            patient_id,
            max(age) as age,
            max(gender) as gender,
            sum(lines) as lines,
            sum(actual) as actual
        from equity_lines
        where patient_id is not null
        group by area, patient_id
    ) as each_board
) as ordered
where place = 1
group by area, age, gender

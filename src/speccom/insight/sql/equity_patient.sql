-- Each patient once, over boards and providers: the oldest age stated, gender, lines and pounds; and the place in order
-- of the board that is responsible for most of their lines, the first of equals.
select
    patient_id,
    max(age) as age,
    max(gender) as gender,
    sum(lines) as lines,
    sum(actual) as actual,
    999 - mod(max(cast(lines as bigint) * 1000 + 999 - number), 1000) as number
from (
    select
        number,
        patient_id,
        max(age) as age,
        max(gender) as gender,
        sum(lines) as lines,
        sum(actual) as actual
    from equity_lines
    where patient_id is not null
    group by number, patient_id
) as each_board
group by patient_id

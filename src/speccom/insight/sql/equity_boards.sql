-- Patients by the board that is responsible for most of their lines (the first code of equals), each once, by age and
-- gender, with pounds and squares.
select
    equity_board.area,
    equity_patient.age,
    equity_patient.gender,
    count(*) as patients,
    sum(equity_patient.actual) as actual,
    sum(cast(equity_patient.actual as double) * cast(equity_patient.actual as double)) as squares
from equity_patient
inner join equity_board
    on equity_board.number = equity_patient.number
group by equity_board.area, equity_patient.age, equity_patient.gender

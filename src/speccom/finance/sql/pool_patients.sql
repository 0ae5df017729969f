-- What each patient of the lines asked for cost in a year, over lines and providers together, by the board that the
-- patient counts to. A patient of two boards in a year is a case of each.
select
    financial_year,
    area,
    patient_id,
    sum(actual) as cost
from people_asked
where patient_id is not null
group by financial_year, area, patient_id

-- Of each year all pounds of the lines asked for, those of people of no board, and those of lines without a patient.
select
    people_asked.financial_year,
    sum(people_asked.actual) as cost,
    sum(case when pool_board.area is null then people_asked.actual else 0 end) as of_no_board,
    sum(case when people_asked.patient_id is null then people_asked.actual else 0 end) as without_patient
from people_asked
left join pool_board
    on pool_board.area = people_asked.area
group by people_asked.financial_year

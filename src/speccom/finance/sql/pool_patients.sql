-- What each patient of a board cost in a year, over the lines asked for and their providers together. A patient of two
-- boards in a year is a case of each; people of no board are of no pool.
select
    people_asked.financial_year,
    people_asked.area,
    people_asked.patient_id,
    sum(people_asked.actual) as cost
from people_asked
inner join pool_board
    on pool_board.area = people_asked.area
where people_asked.patient_id is not null
group by people_asked.financial_year, people_asked.area, people_asked.patient_id

-- Patients of England, each once, over the boards that count.
select
    count(distinct people_asked.patient_id) as patients
from people_asked
inner join counted_board
    on counted_board.area = people_asked.area

-- Patients of England, each once, over the boards that count.
select
    count(distinct people_seen.patient_id) as patients
from people_seen
inner join counted_board
    on counted_board.area = people_seen.area

-- The people of the lines that were asked for, each with the board that they count to.
select
    people.*,
    board.area
from people
inner join asked
    on asked.service_line = people.service_line
inner join board
    on board.icb = people.icb
    and board.home = people.home

-- The cases of the lines that were asked for, each with the board that its people count to.
select
    cases.*,
    board.area
from cases
inner join asked
    on asked.service_line = cases.service_line
inner join board
    on board.icb = cases.icb
    and board.home = cases.home

-- The months of the lines that were asked for, each with the board that its people count to.
select
    months.*,
    board.area
from months
inner join asked
    on asked.service_line = months.service_line
inner join board
    on board.icb = months.icb
    and board.home = months.home

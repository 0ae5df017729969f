-- The people of the lines asked for whose board counts, boards in `equity_board`.
select
    people_asked.*
from people_asked
inner join equity_board
    on equity_board.area = people_asked.area

-- The people of the lines asked for whose board counts, boards with their place in order in `equity_board`.
select
    people_asked.*,
    equity_board.number
from people_asked
inner join equity_board
    on equity_board.area = people_asked.area

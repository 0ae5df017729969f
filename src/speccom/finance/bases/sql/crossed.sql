-- X: the pounds from every host to every home, by pot and by the basis that the pot is on in each month.
select
    potted.financial_year,
    potted.pot,
    rule_then.basis,
    rule_then.level,
    host_place.board as host_board,
    host_place.region as host_region,
    potted.home_board,
    potted.home_region,
    sum(potted.lines) as lines,
    coalesce(sum(potted.actual), 0) as cost
from potted
inner join rule_then
    on rule_then.financial_year = potted.financial_year
    and rule_then.month = potted.month
    and rule_then.pot = potted.pot
inner join host_place
    on host_place.financial_year = potted.financial_year
    and host_place.month = potted.month
    and host_place.provider = potted.provider
    and host_place.host_icb = potted.host_icb
group by
    potted.financial_year,
    potted.pot,
    rule_then.basis,
    rule_then.level,
    host_place.board,
    host_place.region,
    potted.home_board,
    potted.home_region

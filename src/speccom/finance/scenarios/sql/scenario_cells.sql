-- The pounds of a year by what a scenario treats alike: the part of the year, the group of service lines, the pot that
-- they are of, whose people they are for, and the region of the provider.
select
    stretch.stretch,
    coalesce(line_group.line_group, '') as line_group,
    potted.pot,
    rule_then.basis,
    rule_then.level,
    potted.home_board,
    potted.home_region,
    coalesce(placed.home, '') as home,
    host_place.region as host_region,
    sum(potted.lines) as lines,
    coalesce(sum(potted.actual), 0) as cost
from potted
inner join stretch
    on stretch.month = potted.month
inner join rule_then
    on rule_then.financial_year = potted.financial_year
    and rule_then.month = potted.month
    and rule_then.pot = potted.pot
inner join host_place
    on host_place.financial_year = potted.financial_year
    and host_place.month = potted.month
    and host_place.provider = potted.provider
    and host_place.host_icb = potted.host_icb
left join line_group
    on line_group.service_line = potted.service_line
left join placed
    on placed.home = potted.home
group by
    stretch.stretch,
    coalesce(line_group.line_group, ''),
    potted.pot,
    rule_then.basis,
    rule_then.level,
    potted.home_board,
    potted.home_region,
    coalesce(placed.home, ''),
    host_place.region

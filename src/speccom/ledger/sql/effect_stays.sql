-- What of the service lines that move does not, or cannot be placed, and why.
select
    effect_paid.on_date as on,
    effect_paid.line,
    effect_paid.area,
    pair_named.why,
    sum(effect_paid.records) as records,
    sum(effect_paid.activity) as activity,
    sum(effect_paid.pounds) as pounds,
    count(distinct effect_paid.provider) as providers
from effect_paid
inner join pair_named
    on pair_named.pair = effect_paid.pair
inner join (select distinct on_date, line from effect_moving) as moved
    on moved.on_date = effect_paid.on_date
    and moved.line = effect_paid.line
where pair_named.why <> ''
group by effect_paid.on_date, effect_paid.line, effect_paid.area, pair_named.why

-- What passes from one commissioner to another, by day, service line and area. Each such cell has a number, in the
-- order of days and pairs, so that a patient's cells of one pair, and pairs of one day, lie beside each other.
select
    row_number() over (
        order by effect_paid.on_date nulls last, effect_paid.pair nulls last, effect_paid.line nulls last, effect_paid.area nulls last
    ) as cell,
    effect_paid.on_date,
    effect_paid.line,
    effect_paid.area,
    effect_paid.pair,
    pair_named.payer_before,
    pair_named.payer_after,
    sum(effect_paid.records) as records,
    sum(effect_paid.activity) as activity,
    sum(effect_paid.pounds) as pounds,
    count(distinct effect_paid.provider) as providers,
    bool_and(effect_paid.central) as central
from effect_paid
inner join pair_named
    on pair_named.pair = effect_paid.pair
where pair_named.why = ''
group by
    effect_paid.on_date,
    effect_paid.line,
    effect_paid.area,
    effect_paid.pair,
    pair_named.payer_before,
    pair_named.payer_after

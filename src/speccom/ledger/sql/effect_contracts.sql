-- What every provider has of every commissioner before and after, over all service lines that anybody is named for,
-- and whether the two have anything with each other on the other side of the decision.
with paid as (
    select
        effect_paid.on_date,
        effect_paid.provider,
        pair_named.payer_before,
        pair_named.payer_after,
        sum(effect_paid.records) as records,
        sum(effect_paid.pounds) as pounds
    from effect_paid
    inner join pair_named
        on pair_named.pair = effect_paid.pair
    group by effect_paid.on_date, effect_paid.provider, pair_named.payer_before, pair_named.payer_after
),
sides as (
    select
        on_date,
        provider,
        payer_before as commissioner,
        records as records_before,
        pounds as pounds_before,
        0 as records_after,
        0 as pounds_after
    from paid
    where payer_before <> ''
    union all
    select
        on_date,
        provider,
        payer_after as commissioner,
        0 as records_before,
        0 as pounds_before,
        records as records_after,
        pounds as pounds_after
    from paid
    where payer_after <> ''
)
select
    on_date as on,
    provider,
    commissioner,
    case
        when sum(records_before) = 0 then 'begins'
        when sum(records_after) = 0 then 'ends'
        when sum(pounds_after) < sum(pounds_before) then 'shrinks'
        else 'grows'
    end as change,
    sum(records_before) as records_before,
    sum(records_after) as records_after,
    sum(pounds_before) as pounds_before,
    sum(pounds_after) as pounds_after
from sides
group by on_date, provider, commissioner
having sum(records_before) <> sum(records_after)
    or sum(pounds_before) <> sum(pounds_after)

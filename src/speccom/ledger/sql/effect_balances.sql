-- What each commissioner gives and gains on a day.
select
    on_date as on,
    commissioner,
    sum(gives) as gives,
    sum(gains) as gains,
    sum(gains) - sum(gives) as net
from (
    select
        on_date,
        payer_before as commissioner,
        pounds as gives,
        0 as gains
    from effect_moving
    union all
    select
        on_date,
        payer_after as commissioner,
        0 as gives,
        pounds as gains
    from effect_moving
) as sides
group by on_date, commissioner

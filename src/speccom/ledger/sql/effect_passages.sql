-- What passes from one commissioner to another, all service lines and areas together.
select
    paid.on_date as on,
    paid.payer_before as from_commissioner,
    paid.payer_after as to_commissioner,
    paid.service_lines,
    paid.areas,
    seen.patients,
    paid.records,
    paid.activity,
    paid.pounds,
    paid.providers
from (
    select
        on_date,
        pair,
        payer_before,
        payer_after,
        count(distinct line) as service_lines,
        count(distinct area) as areas,
        sum(records) as records,
        sum(activity) as activity,
        sum(pounds) as pounds,
        count(distinct provider) as providers
    from effect_paid
    where why = ''
    group by on_date, pair, payer_before, payer_after
) as paid
left join (
    select
        pair,
        count(distinct patient_id) as patients
    from effect_seen
    group by pair
) as seen
    on seen.pair = paid.pair

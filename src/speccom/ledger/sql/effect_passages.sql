-- What passes from one commissioner to another, all service lines and areas together.
select
    paid.on_date as on,
    pair_named.payer_before as from_commissioner,
    pair_named.payer_after as to_commissioner,
    paid.service_lines,
    paid.areas,
    patients_of_pair.patients,
    paid.records,
    paid.activity,
    paid.pounds,
    paid.providers
from (
    select
        on_date,
        pair,
        count(distinct line) as service_lines,
        count(distinct area) as areas,
        sum(records) as records,
        sum(activity) as activity,
        sum(pounds) as pounds,
        count(distinct provider) as providers
    from effect_paid
    group by on_date, pair
) as paid
inner join pair_named
    on pair_named.pair = paid.pair
left join patients_of_pair
    on patients_of_pair.pair = paid.pair
where pair_named.why = ''

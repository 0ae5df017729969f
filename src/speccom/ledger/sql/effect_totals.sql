-- Everything that passes on a day, each person and provider once.
select
    paid.on_date as on,
    coalesce(patients_of_day.patients, 0) as patients,
    paid.service_lines,
    paid.areas,
    paid.records,
    paid.activity,
    paid.pounds,
    paid.providers
from (
    select
        effect_paid.on_date,
        count(distinct effect_paid.line) as service_lines,
        count(distinct effect_paid.area) as areas,
        sum(effect_paid.records) as records,
        sum(effect_paid.activity) as activity,
        sum(effect_paid.pounds) as pounds,
        count(distinct effect_paid.provider) as providers
    from effect_paid
    inner join pair_named
        on pair_named.pair = effect_paid.pair
    where pair_named.why = ''
    group by effect_paid.on_date
) as paid
left join patients_of_day
    on patients_of_day.on_date = paid.on_date

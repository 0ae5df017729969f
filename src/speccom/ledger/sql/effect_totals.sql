-- Everything that passes on a day, each person and provider once.
select
    paid.on_date as on,
    coalesce(seen.patients, 0) as patients,
    paid.service_lines,
    paid.areas,
    paid.records,
    paid.activity,
    paid.pounds,
    paid.providers
from (
    select
        on_date,
        count(distinct line) as service_lines,
        count(distinct area) as areas,
        sum(records) as records,
        sum(activity) as activity,
        sum(pounds) as pounds,
        count(distinct provider) as providers
    from effect_paid
    where why = ''
    group by on_date
) as paid
left join (
    select
        on_date,
        count(distinct patient_id) as patients
    from effect_seen
    group by on_date
) as seen
    on seen.on_date = paid.on_date

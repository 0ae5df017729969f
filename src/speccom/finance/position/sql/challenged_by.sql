-- Distinct patients at challenge of one body, by direction, provider and other body in each month; and of each
-- direction, all providers together.
with ways as (
    select
        billed as body,
        case when billed = named then 'within' else 'out' end as direction,
        named as other,
        provider,
        month,
        patient_id
    from challenged_seen
    union all
    select
        named as body,
        'in' as direction,
        billed as other,
        provider,
        month,
        patient_id
    from challenged_seen
    where billed <> named
)
select
    body,
    direction,
    other,
    provider,
    month,
    count(distinct patient_id) as patients
from ways
group by body, direction, other, provider, month
union all
select
    body,
    direction,
    cast(null as varchar) as other,
    cast(null as varchar) as provider,
    month,
    count(distinct patient_id) as patients
from ways
group by body, direction, month

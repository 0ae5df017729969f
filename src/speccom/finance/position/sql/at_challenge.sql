-- Pounds at challenge by the body billed and the body that the decision table names, month by month.
select
    coalesce(billed_body.body, billed.submitted_commissioner) as billed,
    coalesce(payer.body, billed.assigned_commissioner) as named,
    billed.provider,
    billed.reason,
    billed.month,
    cast(sum(billed.lines) as bigint) as lines,
    sum(billed.cost) as cost
from billed
left join payer as billed_body
    on billed_body.commissioner = billed.submitted_commissioner
    and billed_body.month = billed.month
left join payer
    on payer.commissioner = billed.assigned_commissioner
    and payer.month = billed.month
group by
    coalesce(billed_body.body, billed.submitted_commissioner),
    coalesce(payer.body, billed.assigned_commissioner),
    billed.provider,
    billed.reason,
    billed.month

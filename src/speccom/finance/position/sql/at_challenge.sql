-- Pounds at challenge by the body billed and the body that the decision table names, month by month.
select
    coalesce(billed.body, challenged.submitted_commissioner) as billed,
    coalesce(payer.body, challenged.assigned_commissioner) as named,
    challenged.provider,
    challenged.reason,
    challenged.month,
    count(*) as lines,
    coalesce(sum(challenged.cost), 0) as cost
from challenged
left join payer as billed
    on billed.commissioner = challenged.submitted_commissioner
    and billed.month = challenged.month
left join payer
    on payer.commissioner = challenged.assigned_commissioner
    and payer.month = challenged.month
group by
    coalesce(billed.body, challenged.submitted_commissioner),
    coalesce(payer.body, challenged.assigned_commissioner),
    challenged.provider,
    challenged.reason,
    challenged.month

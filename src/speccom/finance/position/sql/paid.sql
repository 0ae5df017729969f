-- What each body paid for, month by month: patient-level pounds, and the plan of the aggregate set, never added.
-- A sub-ICB location pays through its board of that month.
select
    coalesce(payer.body, ledger.assigned_commissioner) as commissioner,
    ledger.service_code as service_line,
    ledger.provider,
    ledger.point_of_delivery,
    ledger.data_set,
    ledger.month,
    sum(case when ledger.data_set <> 'ACM' then 1 else 0 end) as lines,
    sum(case when ledger.data_set <> 'ACM' then ledger.cost end) as actual,
    sum(case when ledger.data_set = 'ACM' then ledger.planned_cost end) as plan,
    sum(case when ledger.data_set <> 'ACM' and ledger.reason like '%-5' then ledger.cost end) as guessed_home
from ledger
left join payer
    on payer.commissioner = ledger.assigned_commissioner
    and payer.month = ledger.month
group by
    coalesce(payer.body, ledger.assigned_commissioner),
    ledger.service_code,
    ledger.provider,
    ledger.point_of_delivery,
    ledger.data_set,
    ledger.month

-- Distinct patients of what each body paid for, month by month, by a dimension of the page; nobody is named.
select
    coalesce(payer.body, ledger.assigned_commissioner) as commissioner,
    dimension as code,
    ledger.month,
    count(distinct ledger.patient_id) as patients,
    count(*) as lines
from ledger
left join payer
    on payer.commissioner = ledger.assigned_commissioner
    and payer.month = ledger.month
where ledger.data_set <> 'ACM'
group by
    coalesce(payer.body, ledger.assigned_commissioner),
    dimension,
    ledger.month

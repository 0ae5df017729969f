-- Each patient of what each body paid for, once a month, line and provider; nobody is named.
select distinct
    coalesce(payer.body, ledger.assigned_commissioner) as commissioner,
    ledger.service_code,
    ledger.provider,
    ledger.month,
    ledger.patient_id
from ledger
left join payer
    on payer.commissioner = ledger.assigned_commissioner
    and payer.month = ledger.month
where ledger.data_set <> 'ACM'
    and ledger.assigned_commissioner is not null
order by commissioner nulls last

-- Each patient of what one body paid for, once a month, line and provider; nobody is named.
select distinct
    wanted.commissioner,
    ledger.service_code,
    ledger.provider,
    ledger.month,
    ledger.patient_id
from ledger
left join payer
    on payer.commissioner = ledger.assigned_commissioner
    and payer.month = ledger.month
inner join wanted
    on wanted.commissioner = coalesce(payer.body, ledger.assigned_commissioner)
where ledger.data_set <> 'ACM'

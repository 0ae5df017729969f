-- Each patient of a line that names another payer or category than the decision table, once a month, provider and
-- pair of bodies; nobody is named.
select distinct
    coalesce(billed_body.body, ledger.submitted_commissioner, '') as billed,
    coalesce(payer.body, ledger.assigned_commissioner, '') as named,
    coalesce(ledger.provider, '') as provider,
    ledger.month,
    ledger.patient_id
from ledger
left join payer as billed_body
    on billed_body.commissioner = ledger.submitted_commissioner
    and billed_body.month = ledger.month
left join payer
    on payer.commissioner = ledger.assigned_commissioner
    and payer.month = ledger.month
where ledger.data_set <> 'ACM'
    and (ledger.commissioner_differs or ledger.category_differs)

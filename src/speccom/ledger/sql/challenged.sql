-- Patient-level rows whose submitted commissioner or category is not the assigned one; nobody's identity.
select
    receipt,
    row,
    provider,
    financial_year,
    month,
    data_set,
    service_code as service_line,
    submitted_commissioner,
    assigned_commissioner,
    submitted_category,
    assigned_category,
    reason,
    cost
from ledger
where data_set <> 'ACM'
    and (commissioner_differs or category_differs)

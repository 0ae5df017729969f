-- Patient-level rows whose submitted commissioner or category is not the assigned one, summed; nobody's identity.
select
    financial_year,
    month,
    provider,
    submitted_commissioner,
    assigned_commissioner,
    reason,
    count(*) as lines,
    coalesce(sum(cost), 0) as cost
from ledger
where data_set <> 'ACM'
    and (commissioner_differs or category_differs)
group by financial_year, month, provider, submitted_commissioner, assigned_commissioner, reason
order by submitted_commissioner nulls last, assigned_commissioner nulls last

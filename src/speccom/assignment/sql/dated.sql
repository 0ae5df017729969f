-- Each record with the first day of its financial month, on which everything else is looked up.
-- A year or month that cannot be read has no such day, so nothing resolves on it.
select
    records.*,
    month_on.on_date
from records
left join month_on
    on month_on.financial_year = records.financial_year
    and month_on.month = records.month

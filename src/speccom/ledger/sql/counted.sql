-- What was written to the ledger, counted from its files: rows and exact pounds of each receipt in each month.
select
    financial_year,
    month,
    receipt,
    count(*) as row_count,
    sum(cost) as cost
from written
group by financial_year, month, receipt

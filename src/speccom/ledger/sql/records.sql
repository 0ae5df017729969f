-- The rows that count: those whose receipt is the latest that covers their provider and month in their data set.
-- A receipt is of one data set, so its file says which.
select
    counting.receipt,
    submitted.* exclude (file_number)
from submitted
inner join counting
    on counting.file_number = submitted.file_number
    and counting.provider = submitted.provider
    and counting.financial_year = submitted.financial_year
    and counting.month = submitted.month

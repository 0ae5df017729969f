-- What a later receipt restates, counted from the earlier receipt's own file.
select
    overtaken.receipt,
    count(*) as row_count,
    sum(restated.cost) as cost
from restated
inner join overtaken
    on overtaken.file_number = restated.file_number
    and overtaken.provider = restated.provider
    and overtaken.financial_year = restated.financial_year
    and overtaken.month = restated.month
group by overtaken.receipt

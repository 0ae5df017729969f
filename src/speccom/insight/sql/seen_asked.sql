-- Of each board and month, the patients of the line that had most among those that were asked for: all of them have
-- as many at least. ENG is all of them.
select
    coalesce(seen.icb, 'ENG') as area,
    seen.financial_year,
    seen.month,
    max(seen.patients) as patients
from seen
inner join asked
    on asked.service_line = seen.service_line
group by coalesce(seen.icb, 'ENG'), seen.financial_year, seen.month

-- Of each line asked for, its distinct patients by board and month; ENG is all of them.
select
    seen.service_line,
    coalesce(seen.icb, 'ENG') as area,
    seen.financial_year,
    seen.month,
    seen.patients
from seen
inner join asked
    on asked.service_line = seen.service_line

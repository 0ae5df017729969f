-- Of each line, board and year: patients, and what they cost, told from lines that have a patient.
select
    financial_year,
    service_line,
    area,
    sum(patients) as patients,
    sum(actual) as actual
from cases_asked
group by financial_year, service_line, area

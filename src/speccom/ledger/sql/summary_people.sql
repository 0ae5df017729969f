-- What each patient had of each service line in a year, by home and provider; lines whose identity is withheld
-- are together, without a patient. In the order of lines, so that a question of few lines reads few rows.
select
    financial_year,
    service_line,
    icb,
    home,
    provider,
    patient_id,
    max(age) as age,
    max(gender) as gender,
    max(lsoa) as lsoa,
    count(*) as lines,
    coalesce(sum(cost), 0) as actual
from cared_for
where patient_level
group by financial_year, service_line, icb, home, provider, patient_id
order by service_line nulls last, patient_id nulls last

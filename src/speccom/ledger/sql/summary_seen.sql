-- Distinct patients of each service line in each month: of each board, and of all areas together (no icb). What a
-- public page may show of a month depends on it.
with seen as (
    select distinct
        financial_year,
        month,
        service_line,
        icb,
        patient_id
    from cared_for
    where patient_level
        and patient_id is not null
)
select
    financial_year,
    month,
    service_line,
    icb,
    count(*) as patients
from seen
group by financial_year, month, service_line, icb
union all
select
    financial_year,
    month,
    service_line,
    cast(null as varchar) as icb,
    count(distinct patient_id) as patients
from seen
group by financial_year, month, service_line
order by service_line nulls last, icb nulls last

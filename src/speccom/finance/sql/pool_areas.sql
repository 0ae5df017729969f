-- Of each board and year: patients who cost anything, and what they cost.
select
    pool_patients.financial_year,
    pool_patients.area,
    count(*) as patients,
    sum(pool_patients.cost) as cost
from pool_patients
inner join pool_year
    on pool_year.financial_year = pool_patients.financial_year
where pool_patients.cost > 0
group by pool_patients.financial_year, pool_patients.area

-- Of each board in the year that is settled: what its patients cost, and what of it lies above the retention.
select
    pool_patients.area,
    count(*) as patients,
    sum(pool_patients.cost) as cost,
    sum(
        case
            when pool_patients.cost > pool_settled_year.retention
                then pool_patients.cost - pool_settled_year.retention
            else 0
        end
    ) as above
from pool_patients
inner join pool_settled_year
    on pool_settled_year.financial_year = pool_patients.financial_year
group by pool_patients.area

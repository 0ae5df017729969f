-- How many patient-years cost how much, in bands of cost a sixteenth of a natural logarithm wide, over all boards.
select
    cast(floor(16 * ln(cost)) as integer) as band,
    count(*) as patients,
    sum(cost) as cost
from pool_patients
inner join pool_year
    on pool_year.financial_year = pool_patients.financial_year
where cost > 0
group by cast(floor(16 * ln(cost)) as integer)
order by band nulls last

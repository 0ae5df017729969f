-- Pounds from every host to every population.
select
    host,
    population,
    coalesce(sum(cost), 0) as cost
from placed
group by host, population

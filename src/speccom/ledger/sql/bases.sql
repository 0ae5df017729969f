-- Host basis and population basis of each region; what flows out to providers elsewhere, and what flows in.
-- The transfer is population less host, which is outflow less inflow; over all rows it is nothing.
select
    region,
    sum(host) as host,
    sum(population) as population,
    sum(outflow) as outflow,
    sum(inflow) as inflow,
    sum(population) - sum(host) as transfer
from (
    select
        host as region,
        cost as host,
        cast(0 as decimal(38, 8)) as population,
        cast(0 as decimal(38, 8)) as outflow,
        case when host <> population then cost else cast(0 as decimal(38, 8)) end as inflow
    from crossed
    union all
    select
        population as region,
        cast(0 as decimal(38, 8)) as host,
        cost as population,
        case when host <> population then cost else cast(0 as decimal(38, 8)) end as outflow,
        cast(0 as decimal(38, 8)) as inflow
    from crossed
) as sides
group by region

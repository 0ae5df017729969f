-- Each pool with a number, and the numbers of its lines.
select
    line_pool.pool,
    pools.number,
    numbered_lines.number as line
from line_pool
inner join (
    select
        pool,
        cast(row_number() over (order by pool asc nulls last) as integer) as number
    from (select distinct pool from line_pool) as each_pool
) as pools
    on pools.pool = line_pool.pool
inner join numbered_lines
    on numbered_lines.service_line = line_pool.service_line

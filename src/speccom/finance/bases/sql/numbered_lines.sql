-- Each service line of the pools with a number.
select
    service_line,
    cast(row_number() over (order by service_line asc nulls last) as integer) as number
from (select distinct service_line from line_pool) as lines

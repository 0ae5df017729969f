-- Each home and host area with a number, since telling people apart by numbers takes a third of the time.
select
    area,
    cast(row_number() over (order by area asc nulls last) as integer) as number
from (
    select area from person_home
    union
    select area from person_host
) as areas

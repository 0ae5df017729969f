-- The same with the prescribed service and the programme of each service line, for the tables that need them.
select
    measured.*,
    line_service.service,
    line_service.programme
from measured
left join line_service
    on line_service.service_line = measured.service_line

-- The service line's status on the day, its category where it has a colour, and the lists that the practice is in.
select
    place.*,
    line_on.status as line_status,
    line_on.category as line_category,
    known_code.service_code is not null as code_known,
    practice_list.prison as prison_practice,
    practice_list.armed_forces as armed_forces_practice
from place
left join line_on
    on line_on.on_date = place.on_date
    and line_on.service_code = place.service_code
left join known_code
    on known_code.service_code = place.service_code
left join practice_list
    on practice_list.practice = place.practice

-- The lines that each person had of each specialised service line, by the area of their home and of their provider, all
-- by number. Lines without a patient count as one person's. A person may stand here more than once.
select
    home_number.number as home,
    host_number.number as host,
    numbered_lines.number as line,
    coalesce(people.patient_id, -1) as person,
    cast(people.lines as integer) as lines
from people
inner join numbered_lines
    on numbered_lines.service_line = people.service_line
inner join person_home
    on person_home.icb = people.icb
    and person_home.home = people.home
inner join person_host
    on person_host.provider = coalesce(people.provider, '')
inner join numbered_areas as home_number
    on home_number.area = person_home.area
inner join numbered_areas as host_number
    on host_number.area = person_host.area

-- Of each board the lines that have no patient, so that nobody is counted for them.
select
    area,
    sum(lines) as lines
from people_asked
where patient_id is null
group by area

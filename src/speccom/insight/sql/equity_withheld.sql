-- Lines without a patient, whose home nobody can tell, and their pounds.
select
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(actual), 0) as actual
from equity_lines
where patient_id is null

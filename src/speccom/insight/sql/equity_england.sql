-- Patients of the lines whose boards count, each once, with their lines and pounds.
select
    count(distinct patient_id) as patients,
    coalesce(sum(lines), 0) as lines,
    coalesce(sum(actual), 0) as actual
from equity_lines

-- Distinct patients of what one body paid for, month by month, by a dimension of the page.
select
    dimension as code,
    month,
    count(distinct patient_id) as patients
from seen
group by dimension, month

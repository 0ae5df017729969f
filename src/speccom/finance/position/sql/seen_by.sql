-- Distinct patients of what each body paid for, month by month, by a dimension of the page.
select
    commissioner,
    dimension as code,
    month,
    count(distinct patient_id) as patients
from seen
group by commissioner, dimension, month

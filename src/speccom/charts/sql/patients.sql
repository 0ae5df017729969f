-- The distinct patients of the whole ledger, over activity, drugs and devices together.
select count(distinct patient_id) as patients
from ledger
where data_set <> 'ACM'

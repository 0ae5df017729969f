-- What each row of the ledger adds to a position: a patient-level row its line, patient and pounds; an aggregate
-- (ACM) row its plan, and nothing else, so that no pound is there twice.
select
    assigned_commissioner as commissioner,
    home_icb as icb,
    home_region as region,
    service_code as service_line,
    provider,
    financial_year,
    month,
    point_of_delivery,
    arrangement,
    case when data_set <> 'ACM' then patient_id end as patient_id,
    case when data_set <> 'ACM' then 1 else 0 end as lines,
    case when data_set <> 'ACM' then cost end as actual,
    case when data_set = 'ACM' then planned_cost end as plan
from ledger

-- What each row of the ledger adds to a position, by every dimension: a patient-level row its line, patient and
-- pounds; an aggregate (ACM) row its plan, and nothing else, so that no pound is there twice.
select
    ledger.assigned_commissioner as commissioner,
    ledger.home_icb as icb,
    ledger.home_region as region,
    line_service.programme,
    line_service.service,
    ledger.service_code as service_line,
    ledger.provider,
    ledger.financial_year,
    ledger.month,
    ledger.point_of_delivery,
    ledger.arrangement,
    case when ledger.data_set <> 'ACM' then ledger.patient_id end as patient_id,
    case when ledger.data_set <> 'ACM' then 1 else 0 end as lines,
    case when ledger.data_set <> 'ACM' then ledger.cost end as actual,
    case when ledger.data_set = 'ACM' then ledger.planned_cost end as plan
from ledger
left join line_service
    on line_service.service_line = ledger.service_code

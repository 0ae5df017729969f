-- Each row of the ledger as the summaries count it: an aggregate (ACM) row gives its actual and planned pounds
-- alone, a patient-level row the rest. A patient of a devolved nation (step B) is of no board here, though the
-- provider's area stood in as home.
select
    financial_year,
    month,
    service_code as service_line,
    case
        when reason like 'B-%' then 'OTHER NATION'
        when home_icb is not null then home_icb
        else 'UNKNOWN'
    end as icb,
    case
        when reason like 'B-%' then 'OTHER NATION'
        when home_area is not null then home_area
        else 'UNKNOWN'
    end as home,
    provider,
    host_icb,
    data_set <> 'ACM' as patient_level,
    case
        when data_set = 'DrPLCM' or (data_set = 'ACM' and point_of_delivery = 'DRUG') then 'drugs'
        when data_set = 'DePLCM' or (data_set = 'ACM' and point_of_delivery = 'DEVICE') then 'devices'
        else 'activity'
    end as kind,
    patient_id,
    age,
    gender,
    lsoa,
    activity,
    cost,
    planned_cost
from ledger

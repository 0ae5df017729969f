-- Each row of the ledger as the summaries count it: an aggregate (ACM) row gives its actual and planned pounds
-- alone, a patient-level row the rest. A patient of a devolved nation (step B) is of no board here, though the
-- provider's area stood in as home; and a line that states no area is of its patient's home where another line
-- tells it, so that nobody counts to two boards for having had a drug. Who pays is not touched.
select
    financial_year,
    month,
    service_code as service_line,
    case
        when latest is not null then split_part(latest, '|', 2)
        when reason like 'B-%' then 'OTHER NATION'
        when home_icb is not null then home_icb
        else 'UNKNOWN'
    end as icb,
    case
        when latest is not null then split_part(latest, '|', 3)
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
    ledger.patient_id,
    age,
    gender,
    lsoa,
    activity,
    cost,
    planned_cost
from ledger
left join patient_homes
    on patient_homes.patient_id = case
        when gp_responsibility is null and residence_responsibility is null then ledger.patient_id
    end

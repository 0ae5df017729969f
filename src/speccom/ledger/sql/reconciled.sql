-- What a provider charged in aggregate (ACM) against what its patient-level sets add up to, as submitted:
-- the two should agree, and the difference is reported, never forced.
select
    provider,
    submitted_commissioner as commissioner,
    submitted_category as category,
    service_code as service_line,
    financial_year,
    month,
    coalesce(sum(case when data_set = 'ACM' then cost end), 0) as aggregate,
    coalesce(sum(case when data_set = 'PLCM' then cost end), 0) as activity,
    coalesce(sum(case when data_set = 'DrPLCM' then cost end), 0) as drugs,
    coalesce(sum(case when data_set = 'DePLCM' then cost end), 0) as devices,
    coalesce(sum(case when data_set <> 'ACM' then cost end), 0) as patient_level,
    coalesce(sum(case when data_set = 'ACM' then cost end), 0)
        - coalesce(sum(case when data_set <> 'ACM' then cost end), 0) as difference
from ledger
group by provider, submitted_commissioner, submitted_category, service_code, financial_year, month

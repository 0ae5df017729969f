-- What the people of each home area and its board had of each service line at each provider, month by month.
select
    financial_year,
    month,
    service_line,
    icb,
    home,
    provider,
    host_icb,
    kind,
    count(case when patient_level then 1 end) as lines,
    coalesce(sum(case when patient_level then activity end), 0) as activity,
    coalesce(sum(case when patient_level then cost end), 0) as actual,
    coalesce(sum(case when not patient_level then cost end), 0) as aggregate,
    coalesce(sum(case when not patient_level then planned_cost end), 0) as plan
from cared_for
group by financial_year, month, service_line, icb, home, provider, host_icb, kind
order by service_line nulls last, icb nulls last

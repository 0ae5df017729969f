-- What was paid for each month, whoever's patients they were: pounds of the patient-level sets as recorded, and the
-- plan of the aggregate set, never added. A commissioner is as the decision table assigned it, a sub-ICB location
-- too; in the order of commissioners, so that a question of one reads few rows. Nobody's identity.
select
    financial_year,
    month,
    assigned_commissioner as commissioner,
    service_code as service_line,
    provider,
    point_of_delivery,
    data_set,
    count(case when data_set <> 'ACM' then 1 end) as lines,
    sum(case when data_set <> 'ACM' then cost end) as actual,
    sum(case when data_set = 'ACM' then planned_cost end) as plan,
    sum(case when data_set <> 'ACM' and reason like '%-5' then cost end) as guessed_home
from ledger
group by financial_year, month, assigned_commissioner, service_code, provider, point_of_delivery, data_set
order by commissioner nulls last, service_line nulls last, provider nulls last

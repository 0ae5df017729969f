-- What each line cost and did in one year, wherever its people and providers are.
select
    service_line,
    sum(actual) + sum(aggregate) as outturn,
    sum(activity) as activity
from months
inner join asked_line
    on asked_line.code = months.service_line
where months.financial_year = (select code from outturn_year)
group by service_line

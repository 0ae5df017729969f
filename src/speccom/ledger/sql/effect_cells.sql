-- What the people of each home had of each service line at each provider in the year; drugs and devices apart, since
-- they are held centrally whoever commissions the line.
select
    coalesce(service_line, '') as line,
    icb,
    home,
    coalesce(provider, '') as provider,
    kind,
    sum(lines) as records,
    sum(activity) as activity,
    sum(actual) as pounds
from months
where lines > 0
group by
    coalesce(service_line, ''),
    icb,
    home,
    coalesce(provider, ''),
    kind

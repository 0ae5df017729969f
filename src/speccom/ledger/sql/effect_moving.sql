-- What passes from one commissioner to another, by day, service line and area. `cell` is one number for all of these.
select
    cell,
    on_date,
    line,
    area,
    payer_before,
    payer_after,
    sum(records) as records,
    sum(activity) as activity,
    sum(pounds) as pounds,
    count(distinct provider) as providers
from effect_paid
where why = ''
group by cell, on_date, line, area, payer_before, payer_after

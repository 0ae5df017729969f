-- What each body paid for, month by month: patient-level pounds, and the plan of the aggregate set, never added.
-- A sub-ICB location pays through its board of that month.
select
    coalesce(payer.body, asked_of.commissioner) as commissioner,
    asked_of.service_line,
    asked_of.provider,
    asked_of.point_of_delivery,
    asked_of.data_set,
    asked_of.month,
    cast(sum(asked_of.lines) as bigint) as lines,
    sum(asked_of.actual) as actual,
    sum(asked_of.plan) as plan,
    sum(asked_of.guessed_home) as guessed_home
from asked_of
left join payer
    on payer.commissioner = asked_of.commissioner
    and payer.month = asked_of.month
group by
    coalesce(payer.body, asked_of.commissioner),
    asked_of.service_line,
    asked_of.provider,
    asked_of.point_of_delivery,
    asked_of.data_set,
    asked_of.month

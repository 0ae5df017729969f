-- How many patients of each line and home cost how much in a year, over providers and data sets together: bands of
-- cost a quarter of a natural logarithm wide, so that a line's own distribution of cost can be told from few rows.
-- A patient who cost nothing or less is in no band, and is counted all the same.
select
    financial_year,
    service_line,
    icb,
    home,
    case when actual > 0 then cast(floor(4 * ln(actual)) as integer) end as band,
    count(*) as patients,
    sum(actual) as actual,
    sum(cast(actual as double) * cast(actual as double)) as squares
from (
    select
        financial_year,
        service_line,
        icb,
        home,
        patient_id,
        sum(actual) as actual
    from people
    where patient_id is not null
    group by financial_year, service_line, icb, home, patient_id
) as cases
group by
    financial_year,
    service_line,
    icb,
    home,
    case when actual > 0 then cast(floor(4 * ln(actual)) as integer) end
order by service_line nulls last, icb nulls last

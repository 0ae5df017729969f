-- Of each board: patient-level lines and exact pounds, and what the aggregate set would have them be. An aggregate
-- row does not know whose patients it counts, so each provider's aggregate of a line is laid on boards as its
-- patient-level pounds are; where it has none, on the board that the aggregate row was assigned by.
select
    area,
    sum(lines) as lines,
    sum(actual) as actual,
    sum(
        case
            when of_provider <> 0
                then cast(actual as double) * cast(aggregate_of_provider as double) / cast(of_provider as double)
            else cast(aggregate as double)
        end
    ) as aggregate
from (
    select
        area,
        lines,
        actual,
        aggregate,
        sum(actual) over (partition by provider, service_line) as of_provider,
        sum(aggregate) over (partition by provider, service_line) as aggregate_of_provider
    from (
        select
            area,
            provider,
            service_line,
            sum(lines) as lines,
            sum(actual) as actual,
            sum(aggregate) as aggregate
        from months_asked
        group by area, provider, service_line
    ) as by_provider
) as beside
group by area

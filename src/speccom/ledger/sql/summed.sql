-- Lines and pounds of each group: `dimensions` stands for the columns that were asked for.
select
    dimensions,
    sum(lines) as lines,
    sum(actual) as actual,
    sum(plan) as plan
from measured_rows
group by dimensions

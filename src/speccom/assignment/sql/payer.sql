-- The decision table's results, one WHEN per row in the table's order: who pays, in which category,
-- and the place that was used (home number, H for the host, 0 for none).
select
    matched.*,
    case step
        -- NF: NHS England
        when 'NF' then 'X24'
        -- A: none
        when 'A' then null
        -- B: the devolved nation's body
        when 'B' then coalesce(gp_responsibility, residence_responsibility)
        -- HC: hub of the home
        when 'HC' then home_hub
        -- N: hub of the host
        when 'N' then host_hub
        -- C1: hub of the home
        when 'C1' then home_hub
        -- C2: hub of the host
        when 'C2' then host_hub
        -- D: home
        when 'D' then home_area
        -- E: health and justice hub of the home's region
        when 'E' then home_justice_hub
        -- F: the home's region
        when 'F' then home_region
        -- J: the armed forces hub
        when 'J' then '13Q'
        -- G1: home
        when 'G1' then home_area
        -- G2: hub of the home
        when 'G2' then home_hub
        -- Z: home
        when 'Z' then home_area
    end as payer,
    case step
        -- NF: as submitted
        when 'NF' then submitted_category
        -- A: none
        when 'A' then null
        -- B: none
        when 'B' then null
        -- HC: 21 for both groupings
        when 'HC' then '21'
        -- N: no line had a status, so as submitted
        when 'N' then case when submitted_category in ('22', '26') then '22' else '21' end
        -- C1: 22 for mental health
        when 'C1' then line_category
        -- C2: 22 for mental health; without a line, as submitted
        when 'C2' then coalesce(
            line_category, case when submitted_category in ('22', '26') then '22' else '21' end
        )
        -- D: delegated secondary dentistry
        when 'D' then '55'
        -- E: health in justice
        when 'E' then '71'
        -- F: public health
        when 'F' then '81'
        -- J: armed forces
        when 'J' then '61'
        -- G1: delegated, 26 for mental health
        when 'G1' then case when line_category = '22' then '26' else '25' end
        -- G2: 22 for mental health
        when 'G2' then line_category
        -- Z: integrated care board
        when 'Z' then '12'
    end as payer_category,
    case
        when step in ('NF', 'A', 'B', 'J') then '0'
        when step in ('N', 'C2') then 'H'
        else home_number
    end as place_used,
    case
        when step in ('HC', 'C1', 'C2') then 'retained'
        when step = 'N' then 'national'
        when step = 'G1' then 'delegated'
        when step = 'G2' then 'joint'
    end as payer_arrangement
from matched

-- Home: the area responsible for the patient, by the first of five rules that resolves, and the rule's number.
-- A code that has no ICB on the day is not in area_on, so the next rule is tried.
-- Host: the area in which the provider lies.
select
    dated.*,
    case
        -- 1: GP-practice responsibility as a sub-ICB location
        when gp.kind = 'sub_icb' then '1'
        -- 2: the same as an ICB
        when gp.kind = 'icb' then '2'
        -- 3: residence responsibility as a sub-ICB location
        when residence.kind = 'sub_icb' then '3'
        -- 4: the same as an ICB
        when residence.kind = 'icb' then '4'
        -- 5: the provider's host ICB
        when host.icb is not null then '5'
    end as home_number,
    coalesce(gp.area, residence.area, host.icb) as home_area,
    host.icb as host_icb,
    host.region as host_region,
    host.hub as host_hub
from dated
left join area_on as gp
    on gp.on_date = dated.on_date
    and gp.area = dated.gp_responsibility
left join area_on as residence
    on residence.on_date = dated.on_date
    and residence.area = dated.residence_responsibility
left join host_on as host
    on host.on_date = dated.on_date
    and host.provider = dated.provider

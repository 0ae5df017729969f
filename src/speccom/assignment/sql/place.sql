-- The home's ICB, region and hubs, and whether its region's services are delegated on the day.
select
    home.*,
    area_on.icb as home_icb,
    area_on.region as home_region,
    area_on.hub as home_hub,
    area_on.justice_hub as home_justice_hub,
    area_on.delegated as home_delegated
from home
left join area_on
    on area_on.on_date = home.on_date
    and area_on.area = home.home_area

-- The pounds of each month, line, home and provider with the pot that they are of on the month's first day:
-- what is no specialised service first, then what is held centrally, then the arrangement that the register gives.
select
    months.financial_year,
    months.month,
    months.icb,
    months.home,
    coalesce(months.provider, '') as provider,
    coalesce(months.host_icb, '') as host_icb,
    months.lines,
    months.actual,
    case
        when line_then.service_line is null
            or line_then.service_line not like 'NCBPS%' then 'other'
        when months.kind = 'drugs' then 'drugs'
        when months.kind = 'devices' then 'devices'
        when line_then.highly_specialised then 'programmes'
        when home_place.arrangement = 'national' then 'national'
        when not coalesce(line_then.suitable, false) then 'retained'
        when home_place.arrangement is null then 'unplaced'
        else home_place.arrangement
    end as pot,
    home_place.board as home_board,
    home_place.region as home_region
from months
inner join home_place
    on home_place.financial_year = months.financial_year
    and home_place.month = months.month
    and home_place.icb = months.icb
    and home_place.home = months.home
left join line_then
    on line_then.financial_year = months.financial_year
    and line_then.month = months.month
    and line_then.service_line = months.service_line
where months.lines > 0

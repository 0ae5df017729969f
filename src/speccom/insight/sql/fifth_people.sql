-- People of the imported population by board, fifth of deprivation, age band and sex.
select
    small_area.area,
    small_area.quintile,
    lsoa_people.lower,
    lsoa_people.sex,
    cast(sum(lsoa_people.persons) as double) as persons
from lsoa_people
inner join small_area
    on small_area.lsoa = lsoa_people.area
group by small_area.area, small_area.quintile, lsoa_people.lower, lsoa_people.sex

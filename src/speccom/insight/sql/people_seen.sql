-- The patients of the lines that were asked for, with the area that they count to and the provider that cared for them
-- as their numbers: what every count of patients is made of, so that the lines are read once. A patient may stand here
-- more than once. A gender is the number of its one letter; 0 is of none, and 255 of a text that is no code.
select
    cast(area_numbered.number as smallint) as area,
    cast(coalesce(provider_numbered.number, -1) as smallint) as provider,
    people_asked.patient_id,
    cast(coalesce(people_asked.age, -1) as smallint) as age,
    cast(
        case
            when people_asked.gender is null then 0
            when length(people_asked.gender) = 1 then ascii(people_asked.gender)
            else 255
        end as smallint
    ) as gender
from people_asked
inner join area_numbered
    on area_numbered.area = people_asked.area
left join provider_numbered
    on provider_numbered.provider = people_asked.provider
where people_asked.patient_id is not null

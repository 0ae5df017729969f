-- The patients of the lines that were asked for, with the board that they count to and the provider that cared for them:
-- what every count of patients is made of, so that the lines are read once. A patient may stand here more than once.
select
    area,
    provider,
    patient_id,
    age,
    gender
from people_asked
where patient_id is not null

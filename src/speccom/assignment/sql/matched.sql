-- The decision table's conditions, one WHEN per row in the table's order: the first that holds is the step.
-- A blank field is null, and no condition holds of it unless the row says so.
select
    line.*,
    case
        -- NF: nationally funded
        when submitted_category in ('31', '32', '41') then 'NF'
        -- A (our own rule): private patient
        when submitted_commissioner like 'VPP%' then 'A'
        -- B (our own rule): the responsible body, else the body of residence, is a devolved nation's
        when regexp_matches(
            coalesce(gp_responsibility, residence_responsibility), '^(7A[1-7]$|S[0-9][0-9][A-Z]|ZT)'
        ) then 'B'
        -- HC (our own rule): specialised drugs and devices are held centrally
        when point_of_delivery in ('DRUG', 'DEVICE')
            and submitted_category in ('21', '22', '25', '26') then 'HC'
        -- N (our own rule): everything specialised was national, on the host basis
        when on_date < date '2023-04-01'
            and service_code like 'NCBPS%' then 'N'
        -- C1: suitable for delegation but not yet ready
        when line_status = 'AMBER' then 'C1'
        -- C2: retained; or submitted as specialised with a code that names no line
        when line_status in ('RED', 'BLUE')
            or (
                submitted_category in ('21', '22', '25', '26')
                and (
                    not code_known
                    or service_code = '99999999'
                    or (line_status = 'NOT APPLICABLE' and service_code like 'NCBPS%')
                )
            ) then 'C2'
        -- D: secondary dental care, unless the line is delegable
        when (
            treatment_function in ('140', '141', '142', '143', '144', '145', '217', '450', '451')
            and line_status is distinct from 'GREEN'
        )
            or submitted_category in ('51', '55') then 'D'
        -- E: health and justice, except accident and emergency
        when (submitted_category in ('71', '75') or prison_practice)
            and point_of_delivery is distinct from 'AE' then 'E'
        -- F: public health
        when service_code like 'NCBPH%'
            or submitted_category in ('81', '85') then 'F'
        -- J: armed forces
        when submitted_category = '61'
            or armed_forces_practice then 'J'
        -- G1: delegable, and the home's region is delegated
        when line_status = 'GREEN'
            and home_delegated then 'G1'
        -- G2: delegable, and decided jointly
        when line_status = 'GREEN' then 'G2'
        -- Z: anything else
        else 'Z'
    end as step
from line

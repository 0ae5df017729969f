-- X: a step that names a payer (every one but A) is unresolved when the home or host that it needs is not found.
-- An unresolved record, and a step that assigns none, is no variance.
select
    payer.* exclude (
        home_area, home_icb, home_region, host_icb, host_region,
        on_date, home_number, host_hub, home_hub, home_justice_hub, home_delegated,
        line_status, line_category, code_known, prison_practice, armed_forces_practice,
        step, payer, payer_category, place_used, payer_arrangement
    ),
    home_area,
    home_icb,
    home_region,
    host_icb,
    host_region,
    payer as assigned_commissioner,
    case when payer is not null then payer_category end as assigned_category,
    case
        when payer is null and step <> 'A' then 'X-' || step
        else step || '-' || place_used
    end as reason,
    case when payer is not null then payer_arrangement end as arrangement,
    payer is not null
        and submitted_commissioner is distinct from payer as commissioner_differs,
    payer is not null
        and payer_category is not null
        and submitted_category is distinct from payer_category as category_differs
from payer

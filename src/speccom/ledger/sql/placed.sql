-- Each patient-level row's pounds with the region of its provider (host) and of its patient (population).
-- A patient of a devolved nation (step B) has no region here, though the provider's area stood in as home.
select
    case
        when coalesce(ledger.host_region, provider_region.region) like 'Y%'
            then coalesce(ledger.host_region, provider_region.region)
        when provider_region.region is not null
            or regexp_matches(ledger.provider, '^(7A[1-7]$|S[0-9][0-9][A-Z]|ZT)')
            then 'OTHER NATION'
        else 'UNKNOWN'
    end as host,
    case
        when ledger.reason like 'B-%' then 'OTHER NATION'
        when ledger.home_region is not null then ledger.home_region
        else 'UNKNOWN'
    end as population,
    ledger.cost
from ledger
left join provider_region
    on provider_region.provider = ledger.provider
where ledger.data_set <> 'ACM'

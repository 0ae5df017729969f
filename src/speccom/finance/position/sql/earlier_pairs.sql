-- What each provider had in each earlier year for the people of each home, by service line.
select
    provider,
    home,
    service_line,
    financial_year,
    sum(actual) as actual
from months
group by provider, home, service_line, financial_year

"""Every address of the site. Each app keeps its own; a new app adds one line here."""

from django.urls import include, path

urlpatterns = [
    # First: one of its addresses, /api/v1/me, would be looked for among the public API's.
    path("", include("speccom.site.accounts.urls")),
    path("portfolio/", include("speccom.site.portfolio.urls")),
    path("readiness/", include("speccom.site.readiness.urls")),
    path("audit/", include("speccom.site.audit.urls")),
    path("workspace/decisions/", include("speccom.site.decisions.urls")),
    path("workspace/scenarios/", include("speccom.site.scenarios.urls")),
    path("workspace/jobs/", include("speccom.site.jobs.urls")),
    path("workspace/notices/", include("speccom.site.notices.urls")),
    path("", include("speccom.site.core.urls")),
    path("", include("speccom.site.explore.urls")),
    path("insight/", include("speccom.site.insight.urls")),
    path("finance/", include("speccom.site.finance.urls")),
]

handler400 = "speccom.site.core.views.bad_request"
handler403 = "speccom.site.core.views.forbidden"
handler404 = "speccom.site.core.views.not_found"
handler500 = "speccom.site.core.views.broken"

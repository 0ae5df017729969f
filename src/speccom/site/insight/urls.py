"""The addresses of what the ledger says; what is asked stands in them, so that each answer can be cited."""

from django.urls import path

from speccom.site.insight import planning_views, views

urlpatterns = [
    path("", views.start, name="insight"),
    path("variation/", views.variation, name="variation"),
    path("equity/", views.equity, name="equity"),
    path("flows/", views.flows, name="flows"),
    path("changes/", planning_views.changes, name="insight-changes"),
    path("control/", planning_views.control, name="control"),
    path("volatility/", planning_views.volatility, name="volatility"),
    path("tiers/", planning_views.tiers, name="tiers"),
]

"""The addresses of what the ledger says; what is asked stands in them, so that each answer can be cited."""

from django.urls import path

from speccom.site.insight import views

urlpatterns = [
    path("", views.start, name="insight"),
    path("variation/", views.variation, name="variation"),
    path("equity/", views.equity, name="equity"),
    path("flows/", views.flows, name="flows"),
]

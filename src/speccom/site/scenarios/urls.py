"""The addresses of kept scenarios."""

from django.urls import path

from speccom.site.scenarios import views

urlpatterns = [
    path("", views.kept, name="kept_scenarios"),
    path("keep/", views.keep, name="keep_scenario"),
]

"""The public addresses; they are cited, so none ever changes."""

from django.urls import path

from speccom.site.explore import feeds, views
from speccom.site.explore.api.endpoints import api

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("who/", views.who, name="who"),
    path("services/", views.services, name="services"),
    path("services/<str:ref>/", views.service, name="service"),
    path("lines/", views.lines, name="lines"),
    path("lines/<str:code>/", views.line, name="line"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/<str:code>/", views.organisation, name="organisation"),
    path("programmes/", views.programmes, name="programmes"),
    path("programmes/<str:programme>/", views.programme, name="programme"),
    path("programmes/<str:programme>/<str:group>/", views.group, name="group"),
    path("decisions/", views.decisions, name="decisions"),
    path("changes/", views.changes, name="changes"),
    path("changes/feed.atom", feeds.changes, name="feed"),
    path("neuroscience/", views.neuroscience, name="neuroscience"),
    path("disagreements/", views.disagreements, name="disagreements"),
    path("coverage/", views.coverage, name="coverage"),
    path("data/", views.data, name="data"),
    path("demonstration/", views.demonstration, name="demonstration"),
    path("about/", views.about, name="about"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("api/v1/", api.urls),
]

"""The public addresses; they are cited, so none ever changes."""

from django.urls import path

from speccom.site.explore import views

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
]

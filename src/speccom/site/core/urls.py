"""Addresses for the site's keeper."""

from django.urls import path

from speccom.site.core import views

urlpatterns = [path("health/", views.health, name="health")]

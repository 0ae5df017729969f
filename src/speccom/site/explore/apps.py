"""Tells Django of the app."""

from django.apps import AppConfig


class Explore(AppConfig):
    name = "speccom.site.explore"
    label = "explore"

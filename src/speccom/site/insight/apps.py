"""Tells Django of the app."""

from django.apps import AppConfig


class Insight(AppConfig):
    name = "speccom.site.insight"
    label = "insight"

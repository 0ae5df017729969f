"""Tells Django of the app."""

from django.apps import AppConfig


class Scenarios(AppConfig):
    name = "speccom.site.scenarios"
    label = "scenarios"

"""Tells Django of the app."""

from django.apps import AppConfig


class Decisions(AppConfig):
    name = "speccom.site.decisions"
    label = "decisions"

"""Tells Django of the app."""

from django.apps import AppConfig


class Jobs(AppConfig):
    name = "speccom.site.jobs"
    label = "jobs"

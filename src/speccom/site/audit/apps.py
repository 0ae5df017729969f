"""Tells Django of the app."""

from django.apps import AppConfig


class Audit(AppConfig):
    name = "speccom.site.audit"
    label = "audit"

"""Tells Django of the app."""

from django.apps import AppConfig


class Finance(AppConfig):
    name = "speccom.site.finance"
    label = "finance"

"""Tells Django of the app."""

from django.apps import AppConfig


class Core(AppConfig):
    name = "speccom.site.core"
    label = "core"

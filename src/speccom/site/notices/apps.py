"""Tells Django of the app."""

from django.apps import AppConfig


class Notices(AppConfig):
    name = "speccom.site.notices"
    label = "notices"

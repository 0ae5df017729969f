"""Tells Django of the app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    name = "speccom.site.accounts"
    label = "accounts"

    def ready(self) -> None:
        from speccom.site.accounts import rules

        assert rules.PERMISSIONS

"""Tells Django of the app, and lets it recommend what to decide."""

from django.apps import AppConfig


class Portfolio(AppConfig):
    name = "speccom.site.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        from speccom.site.core.recommended import offer
        from speccom.site.portfolio.queries import recommendations

        offer(recommendations)

"""Tells Django of the app, and lets it recommend what to decide and remind of last days."""

from django.apps import AppConfig


class Readiness(AppConfig):
    name = "speccom.site.readiness"
    label = "readiness"

    def ready(self) -> None:
        from speccom.site.core.recommended import offer
        from speccom.site.jobs.actions import regularly
        from speccom.site.readiness.actions import remind
        from speccom.site.readiness.queries import recommendations

        offer(recommendations)
        regularly(remind)

"""The library as the site sees it: one register for each process, read-only."""

from __future__ import annotations

from datetime import date
from functools import cache

from django.conf import settings
from django.utils import timezone

from speccom.register import Register


@cache
def register() -> Register:
    """The shipped register with the workspace's additions; what is added later needs a restart."""
    return Register.load(settings.WORKSPACE)


def today() -> date:
    """The day in England."""
    return timezone.localdate()


def warm() -> None:
    """Read what the first visitor would otherwise wait for."""
    held = register()
    held.facts.load("providers", "groups", "neuroscience_centres", "statutory_services", "planned")
    held.areas(today())
    assert held.snapshot and held.services and held.decisions

"""The library as the site sees it: one register for each process, read-only."""

from __future__ import annotations

from datetime import date
from functools import cache

from django.conf import settings
from django.utils import timezone

from speccom.ledger.manifest import Manifest, read_manifest
from speccom.places.boundaries import Boundaries
from speccom.places.boundaries import boundaries as imported_boundaries
from speccom.places.practices import PracticeList
from speccom.places.practices import practices as imported_practices
from speccom.register import Register


@cache
def register() -> Register:
    """The shipped register with the workspace's additions; what is added later needs a restart."""
    return Register.load(settings.WORKSPACE)


def practices() -> PracticeList:
    """The GP practices that were imported, if any were."""
    return imported_practices(settings.WORKSPACE)


def boundaries(on: date) -> Boundaries | None:
    """The outlines of boards for a date, if any were imported."""
    return imported_boundaries(settings.WORKSPACE, on)


def ledger() -> Manifest | None:
    """What the workspace's ledger holds, if one was built; a build anew is seen at the next request."""
    return read_manifest(settings.WORKSPACE)


def today() -> date:
    """The day in England."""
    return timezone.localdate()


def warm() -> None:
    """Read what the first visitor would otherwise wait for."""
    held = register()
    held.facts.load("providers", "groups", "neuroscience_centres", "statutory_services", "planned")
    held.areas(today())
    assert held.snapshot and held.services and held.decisions

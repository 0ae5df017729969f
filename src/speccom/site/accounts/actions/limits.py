"""How often somebody may try: counted in the database, so that it holds over all processes and restarts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from speccom.site.accounts.keeping import keyed
from speccom.site.accounts.models import Attempt
from speccom.site.accounts.refusals import TooManyTries

WINDOW = timedelta(minutes=15)
ACCOUNT, ADDRESS, FACTOR = "account", "address", "factor"
MOST = {ACCOUNT: 10, ADDRESS: 50, FACTOR: 5}
"""How many tries in the window."""

_KEPT = timedelta(days=1)


def take(kind: str, about: str) -> None:
    """Count one try. Raises `TooManyTries` when those of the window are used up; that one is not counted.

    It is counted before it is looked at, so that tries at once cannot outrun the count.
    """
    now, key = timezone.now(), keyed(f"{kind} {about}")
    Attempt.objects.filter(at__lt=now - _KEPT).delete()
    this = Attempt.objects.create(about=key, at=now)
    if Attempt.objects.filter(about=key, at__gt=now - WINDOW).count() > MOST[kind]:
        this.delete()
        raise TooManyTries(f"There were too many tries. Wait {WINDOW.seconds // 60} minutes, then try again.")


def forget(kind: str, about: str) -> None:
    """Begin the count again, after a try that was right."""
    Attempt.objects.filter(about=keyed(f"{kind} {about}")).delete()

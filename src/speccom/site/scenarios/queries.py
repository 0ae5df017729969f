"""What the pages of kept scenarios ask the database, always as who asks."""

from __future__ import annotations

from speccom.site.accounts.actor import Actor
from speccom.site.scenarios.models import KeptScenario

AT_ONCE = 200


def kept(actor: Actor) -> list[KeptScenario]:
    """What the actor's organisations keep, the newest first."""
    return list(KeptScenario.objects.visible_to(actor).select_related("kept_by")[:AT_ONCE])

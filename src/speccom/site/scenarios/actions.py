"""What is done to kept scenarios, in one transaction with its row of the audit table."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from speccom.finance.scenarios import Scenario, save
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import record_act
from speccom.site.core.permissions import allowed
from speccom.site.finance.queries.scenarios import check
from speccom.site.scenarios.models import KEEP, KeptScenario


def keep(*, actor: Actor, scenario: Scenario, reason: str) -> KeptScenario:
    """Keep a scenario that can be run and shown, for everybody to see at the address of its content.

    Kept again by the same organisation it is there once. Raises `NotAllowed`, `ReasonNeeded`, and `ScenarioError`
    where it cannot be run or shown, or where there are too many.
    """
    if not allowed(KEEP, actor):
        raise NotAllowed(
            "Your roles do not allow you to keep scenarios: ask your administrator for one that does."
        )
    check(scenario)
    with transaction.atomic():
        found: KeptScenario
        found, fresh = KeptScenario.objects.get_or_create(
            content=scenario.hash,
            organisation=_keeper(actor),
            defaults={"name": scenario.name[:200], "kept_by": actor.person},
        )
        if fresh:
            after = {"name": scenario.name, "content": scenario.hash}
            subject = f"scenario {scenario.hash}"
            record_act(actor, found.organisation, "scenarios.keep", subject, reason, after=after)
        # Last, so that a file without its row is left only where the transaction itself cannot be ended.
        save(settings.WORKSPACE, scenario)
    return found


def _keeper(actor: Actor) -> str:
    """The first of the actor's organisations for which they keep scenarios."""
    return next(each.organisation for each in actor.holdings if KEEP in each.role.permissions)

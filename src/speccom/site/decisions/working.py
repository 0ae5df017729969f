"""What a decision would move in the ledger: as it was kept, or as the work in the background that finds it out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from speccom.insight.moved import moved_before, place_of_moved, work_out_moved
from speccom.ledger.effect import Effect, effect_of
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.register.decided import Preview
from speccom.site.accounts.actor import Actor
from speccom.site.core.library import ledger
from speccom.site.decisions import queries
from speccom.site.decisions.models import DecisionRecord
from speccom.site.jobs.actions import JobError, Progress, job, start
from speccom.site.jobs.models import DONE, Job
from speccom.site.jobs.queries import latest_that_makes


def moved(actor: Actor, of: DecisionRecord, preview: Preview) -> Effect | Job:
    """Whose money, people and contracts a previewed decision would move, with register and ledger as they are now.

    Where nobody asked before, the work that finds it out is begun, once; it is NHS England's, as the answer is. Work
    that was broken off is not begun again by itself.
    """
    held = ledger()
    if held is None or not held.summaries:
        return effect_of(settings.WORKSPACE, preview)  # which says so at once
    makes = _name(preview)
    found = moved_before(place_of_moved(settings.WORKSPACE, preview))
    if found is not None:
        return found
    begun = latest_that_makes(actor, makes)
    if begun is not None and begun.state != DONE:  # what was kept may have made room
        return begun
    reference, content, recorded_on = queries.said(of)
    needs = {
        "reference": reference,
        "content": content,
        "recorded_on": recorded_on.isoformat(),
        "makes": makes,
    }
    with transaction.atomic():
        return start(
            work_out,
            about=f"Whose money and people {reference} would move",
            needs=needs,
            person=actor.person,
            organisation=NHS_ENGLAND,
            address=reverse("decision_effect", args=[of.pk]),
            makes=makes,
        )


@job
def work_out(progress: Progress, needs: dict[str, Any]) -> None:
    """Keep what a decision would move. Done twice, the second finds what the first kept."""
    recorded_on = date.fromisoformat(needs["recorded_on"])
    found = queries.previewed_as_said(needs["reference"], needs["content"], recorded_on)
    if found.preview is None or _name(found.preview) != needs["makes"]:
        raise JobError(
            "The register or the ledger changed since this was asked for: look at the decision again."
        )
    work_out_moved(settings.WORKSPACE, found.preview, progress)
    if not place_of_moved(settings.WORKSPACE, found.preview).is_file():
        raise JobError(
            "It was worked out and cannot be kept: whoever runs the site must let it write to its workspace."
        )


def _name(preview: Preview) -> str:
    place = place_of_moved(settings.WORKSPACE, preview)
    return f"{place.parent.name}/{place.name}"

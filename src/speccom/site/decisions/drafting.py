"""What a draft opens with: blank, from recommendations, or from an earlier decision that it amends or revokes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.organisations import name_in
from speccom.site.core.library import register, today
from speccom.site.core.recommended import Recommendation, recommended
from speccom.site.core.refusals import NotFound
from speccom.site.decisions.states import DRAFTS

_STATUS = {"delegated": "GREEN", "joint": "GREEN", "retained": "RED"}
"""What is recommended of service lines → their place in the list of what is delegated."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the form opens with, the changes that come with it, and what is said above it."""

    initial: Mapping[str, Any]
    effects: tuple[Mapping[str, Any], ...] = ()
    recommended: tuple[Recommendation, ...] = ()
    notes: tuple[str, ...] = ()


def organisations(actor: Actor) -> list[tuple[str, str]]:
    """Whose decisions an actor drafts: code and name."""
    held = register()
    reach = actor.reach(DRAFTS)
    codes = [NHS_ENGLAND] if reach is None else sorted(reach)
    return [(code, f"{name_in(held, code) or code} ({code})") for code in codes]


def begun(actor: Actor, asked: Mapping[str, str]) -> Begun:
    """What an address asks to begin with. Raises `NotFound` for what is not there to begin from."""
    on = today()
    initial: dict[str, Any] = {"made_on": on}
    for how in ("amends", "revokes"):
        reference = asked.get(how, "").strip().upper()[:40]
        if reference:
            earlier = register().decisions.get(reference)
            if earlier is None:
                raise NotFound(f"There is no decision {reference!r} in the register.")
            words = "Amendment" if how == "amends" else "Revocation"
            return Begun(
                initial | {how: reference, "title": f"{words} of {reference}", "body": earlier.made_by},
                notes=(
                    f"What {reference} changed stays until this says what holds instead, and from which day.",
                ),
            )
    reference = asked.get("recommended", "")[:100]
    if reference:
        return _from(actor, reference, initial, on)
    return Begun(initial)


def _from(actor: Actor, reference: str, initial: Mapping[str, Any], on: date) -> Begun:
    found = [each for each in recommended(actor) if each.reference == reference]
    if not found:
        raise NotFound(f"Nothing is recommended as {reference!r}, or it is not yours to see.")
    each = found[0]
    effects = tuple(_effects(each, next_year(on)))
    return Begun(
        dict(initial)
        | {
            "title": each.title[:300],
            "conditions": "\n".join(each.conditions),
            "services": "; ".join(each.lines[:12])[:300],
            "scope": "; ".join(each.areas[:12])[:300],
        },
        effects,
        (each,),
        (
            f"Its changes are drafted from {next_year(on).isoformat()}, the next financial year: look at them, and "
            "take out what was not decided.",
        )
        if effects
        else ("It recommends no change that could be drafted: add what was decided.",),
    )


def _effects(each: Recommendation, start: date) -> list[dict[str, Any]]:
    """The changes that a recommendation comes to: a place in the list, a tier, an arrangement of regions."""
    day = start.isoformat()
    found: list[dict[str, Any]] = []
    if each.lines and each.arrangement:
        found.append(
            {"kind": "status", "lines": list(each.lines), "status": _STATUS[each.arrangement], "from": day}
        )
    if each.lines and each.tier:
        found.append({"kind": "tier", "lines": list(each.lines), "tier": each.tier, "from": day})
    regions = sorted(set(each.areas) & set(register().facts.of("arrangement")))
    if regions and each.arrangement in {"delegated", "joint"}:
        found.append({"kind": "arrange", "regions": regions, "arrangement": each.arrangement, "from": day})
    return found


def next_year(on: date) -> date:
    """The first day of the financial year after a day."""
    return date(on.year + (on >= date(on.year, 4, 1)), 4, 1)

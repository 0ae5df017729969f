"""Reads what people write of a decision: its head, and each kind of change with the fields that it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms

from speccom.register.decided import EFFECTS, TIERS
from speccom.register.facts import WORDS
from speccom.site.accounts.forms import Form, Reason, day_field, text_field
from speccom.site.core.edited import version_field
from speccom.site.core.library import register, today
from speccom.site.decisions.models import DecisionRecord

__all__ = ["CHANGES", "Act", "Change", "Head", "NewHead", "Reason"]

_BETWEEN = re.compile(r"[\s,;]+")

CHANGES = {
    "arrange": "Regions under another arrangement",
    "status": "Service lines on or off the list of what is delegated",
    "form": "A joint committee formed",
    "join": "Boards join a joint committee",
    "leave": "Boards leave their joint committee",
    "dissolve": "A joint committee ends",
    "establish": "A board established",
    "succeed": "A board followed by others",
    "tier": "Service lines planned at another size of footprint",
}
"""Kind of change → its words, in the order in which they are offered."""

ARRANGEMENTS = {
    "delegated": "Delegated to the boards",
    "joint": "Joint, by committee",
    "national": "National: back to NHS England",
}
STATUSES = {
    "GREEN": "GREEN: suitable and ready, delegated where the region is",
    "AMBER": "AMBER: suitable and not yet ready, retained",
    "RED": "RED: retained",
    "BLUE": "BLUE: infrastructure, retained",
    "NOT APPLICABLE": "NOT APPLICABLE: no specialised service",
}
_TIERS = ("ICB", "multi-ICB", "region", "England")
assert WORDS["arrangement"] == set(ARRANGEMENTS) and WORDS["delegation status"] == set(STATUSES)
assert set(CHANGES) == set(EFFECTS) and set(_TIERS) == TIERS


class Head(Form):
    """What a decision says beside its changes."""

    version = version_field()
    title = text_field("Title", "What is decided, in one sentence.", needed="Give the decision a title")
    body = text_field(
        "Decided by",
        "The body, such as “NHS England Board”.",
        needed="Say which body decides",
        most=200,
    )
    made_on = day_field(
        "Made on", "The day on which the body decided.", needed="Say on which day it was made"
    )
    public_on = day_field(
        "Public since",
        "Leave it empty for the day of adoption. An earlier day changes answers that were cited since then.",
    )
    minute = text_field("Minute", "Number of the minute, such as 12.3.", most=200)
    paper = text_field("Paper", "Title or number of the paper.")
    url = forms.URLField(
        label="Address of the paper",
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": "Write an address that begins with https://"},
    )
    scope = text_field("For whom", "In words, such as “the Midlands”.")
    services = text_field("For which services", "In words, such as “70 services”.")
    conditions = text_field("Conditions", "One to a line.", most=5000, rows=4)
    amends = text_field("Amends", "References of earlier decisions, with spaces between.", most=400)
    revokes = text_field("Revokes", "References of earlier decisions, with spaces between.", most=400)

    @classmethod
    def of(cls, record: DecisionRecord) -> dict[str, Any]:
        """What the form opens with."""
        held = {name: getattr(record, name) for name in cls.base_fields if hasattr(record, name)}
        return held | {
            "conditions": "\n".join(record.conditions),
            "amends": " ".join(record.amends),
            "revokes": " ".join(record.revokes),
        }

    @property
    def content(self) -> dict[str, Any]:
        """What was written, as a decision has it."""
        said = {
            name: each for name, each in self.cleaned_data.items() if name not in {"version", "reference"}
        }
        return said | {
            "conditions": [line.strip() for line in said["conditions"].splitlines() if line.strip()],
            "amends": references(said["amends"]),
            "revokes": references(said["revokes"]),
        }


class NewHead(Head):
    """The same for a new decision, with its reference and whose it is."""

    reference = text_field(
        "Reference",
        "Capital letters, digits and hyphens, such as NHSE-2027-01. It stays for good.",
        needed="Give the decision a reference",
        most=40,
    )
    organisation = forms.ChoiceField(label="Decision of")

    def __init__(self, organisations: Iterable[tuple[str, str]], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["organisation"] = forms.ChoiceField(
            label="Decision of",
            choices=list(organisations),
            widget=forms.Select(attrs={"class": "nhsuk-select", "autocomplete": "off"}),
        )
        del self.fields["version"]
        self.order_fields(["reference", "organisation"])


class Act(Reason):
    """A reason, with what the page showed of the decision: an approval is of that and of nothing else."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    content_hash = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    snapshot = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    place = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1000)


class Change(Form):
    """One kind of change, with the fields that it takes."""

    def __init__(self, kind: str, record: DecisionRecord, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.kind = kind
        for word in EFFECTS[kind].takes:
            name = word.rstrip("?")
            field = _FIELDS.get(f"{kind}.{name}") or _FIELDS[name]
            self.fields[name] = field(record)
        self.fields["version"] = version_field()
        for each in self.fields.values():
            # NHS styles, for fields that were not there when the form was made
            kind_of = getattr(each.widget, "input_type", "")
            style = {"select": "nhsuk-select", "checkbox": "nhsuk-checkboxes__input"}.get(
                kind_of, "nhsuk-input"
            )
            style = "nhsuk-textarea" if isinstance(each.widget, forms.Textarea) else style
            attributes = each.widget.attrs
            attributes["class"] = f"{style} {attributes.get('class', '')}".strip()
            attributes.setdefault("autocomplete", "off")

    @property
    def effect(self) -> dict[str, Any]:
        """The change as a decision has it: days as ISO texts, lists of codes, what is empty left out."""
        said: dict[str, Any] = {"kind": self.kind}
        for word in EFFECTS[self.kind].takes:
            name = word.rstrip("?")
            value = self.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            if name in {"from", "to", "on"}:
                value = value.isoformat()
            elif name == "lines":
                value = codes(value)
            elif name == "locations":
                value = _pairs(value)
            elif isinstance(value, str) and name in {"committee", "board"}:
                value = value.strip().upper()
            said[name] = value
        return said


def references(text: str) -> list[str]:
    return [each for each in _BETWEEN.split(text.strip().upper()) if each]


def codes(text: str) -> list[str]:
    """Codes that were written or pasted in any way, each once, in their order."""
    return list(dict.fromkeys(references(text)))


def _pairs(text: str) -> dict[str, str]:
    """`location: board` to a line."""
    lines = (line.partition(":") for line in text.upper().splitlines() if line.strip())
    return {location.strip(): board.strip() for location, _, board in lines}


# --- what can be chosen


def _regions() -> list[tuple[str, str]]:
    held = register()
    found = held.facts.of("arrangement")
    return [(code, f"{held.organisations[code].name} ({code})") for code in sorted(found)]


def _boards(record: DecisionRecord) -> list[tuple[str, str]]:
    """The boards of today and of the future, and those that the decision itself establishes."""
    held, on = register(), today()
    there = [
        (each.code, f"{each.name} ({each.code})")
        for each in held.organisations.values()
        if each.role == "integrated care board" and (each.valid_to is None or each.valid_to > on)
    ]
    new = [(each["board"], f"{each['name']} ({each['board']})") for each in _effects(record, "establish")]
    return sorted({*there, *new}, key=lambda pair: pair[1])


def _committees(record: DecisionRecord) -> list[tuple[str, str]]:
    held, on = register(), today()
    there = [
        (each.code, f"{each.name} ({each.code})")
        for each in held.organisations.values()
        if each.role == "joint committee" and (each.valid_to is None or each.valid_to > on)
    ]
    new = [(each["committee"], f"{each['name']} ({each['committee']})") for each in _effects(record, "form")]
    return sorted({*there, *new}, key=lambda pair: pair[1])


def _effects(record: DecisionRecord, kind: str) -> list[Mapping[str, Any]]:
    return [each for each in record.effects if each.get("kind") == kind]


def _one(
    label: str, choices: Callable[[DecisionRecord], Iterable[tuple[str, str]]], *, needed: str = ""
) -> Callable[[DecisionRecord], forms.Field]:
    def field(record: DecisionRecord) -> forms.Field:
        return forms.ChoiceField(
            label=label,
            required=bool(needed),
            choices=[("", "Choose one"), *choices(record)],
            error_messages={"required": needed},
        )

    return field


def _several(
    label: str, choices: Callable[[DecisionRecord], Iterable[tuple[str, str]]], *, needed: str = ""
) -> Callable[[DecisionRecord], forms.Field]:
    def field(record: DecisionRecord) -> forms.Field:
        return forms.MultipleChoiceField(
            label=label,
            required=bool(needed),
            choices=list(choices(record)),
            error_messages={"required": needed},
            widget=forms.CheckboxSelectMultiple,
        )

    return field


_FROM = "Say from which day"
_FIELDS: dict[str, Callable[[DecisionRecord], forms.Field]] = {
    "from": lambda _: day_field("From", "The first day on which it holds.", needed=_FROM),
    "to": lambda _: day_field("Until", "The first day on which it no longer holds; empty where it stays."),
    "on": lambda _: day_field("On", "The first day on which the board is no longer there.", needed=_FROM),
    "regions": _several("Regions", lambda _: _regions(), needed="Choose the regions"),
    "region": _one("Region", lambda _: _regions(), needed="Choose a region"),
    "arrangement": _one("Arrangement", lambda _: ARRANGEMENTS.items(), needed="Choose an arrangement"),
    "lines": lambda _: text_field(
        "Service lines",
        "Codes such as NCBPS11B, with spaces, commas or lines between; a column pasted from a sheet will do.",
        needed="Give the codes of service lines",
        most=20_000,
        rows=6,
    ),
    "status": _one("Place in the list", lambda _: STATUSES.items(), needed="Choose a place in the list"),
    "tier": _one(
        "Size of footprint", lambda _: ((each, each) for each in _TIERS), needed="Choose a size of footprint"
    ),
    "name": lambda _: text_field("Name", needed="Give its name", most=200),
    "boards": _several("Boards", _boards, needed="Choose the boards"),
    "committee": _one("Joint committee", _committees, needed="Choose a joint committee"),
    "form.committee": lambda _: text_field(
        "Code of the new committee",
        "Capital letters and digits, such as JC10.",
        needed="Give it a code",
        most=20,
    ),
    "establish.board": lambda _: text_field(
        "Code of the new board", "Such as W1W1W.", needed="Give it a code", most=20
    ),
    "board": _one("Board that ends", _boards, needed="Choose the board that ends"),
    "whole": _one("Followed in whole by", _boards),
    "parts": _several("Or followed in part by", _boards),
    "locations": lambda _: text_field(
        "Where its locations go",
        "Only where a board is divided: one to a line, location and board, such as 05G: QGH.",
        most=5000,
        rows=3,
    ),
}

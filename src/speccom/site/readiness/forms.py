"""Reads what people send about assessments: rounds, boards, ratings, points, files, and which boards are meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from speccom.readiness.course import ReadinessError
from speccom.readiness.tables import criteria, points, ratings, recommendations, sides, states
from speccom.site.accounts.forms import Form, day_field, reason_field, text_field
from speccom.site.core.edited import version_field
from speccom.site.readiness.actions import POINT_WORDS
from speccom.site.readiness.models import Answer, Assessment, Point, Round, Verdict
from speccom.site.readiness.queries import NOT_BEGUN, Asked

ONLY = {
    "late": "Late",
    "differ": "Rated differently by two sides",
    "low": "With a test that is not yet met",
}
_LAST_DAY = "last_day_"


def _criterion(needed: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Test",
        required=bool(needed),
        choices=lambda: [
            ("", "Choose one" if needed else "The whole assessment"),
            *((key, each.label) for key, each in criteria().items()),
        ],
        error_messages={"required": needed},
    )


class _Deadlines(Form):
    """The last day of each step, with the words of its state."""

    needed, hint = "", "Its last day."

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        reason = self.fields.pop("reason")
        for state in states().values():
            if state.days is not None:
                field = day_field(
                    f"“{state.name}” until", self.hint.format(days=state.days), needed=self.needed
                )
                self.fields[f"{_LAST_DAY}{state.state}"] = field
        self.fields["reason"] = reason
        self.dress()

    @property
    def deadlines(self) -> dict[str, date]:
        """State → the last day that was given for it."""
        return {
            name.removeprefix(_LAST_DAY): day
            for name, day in self.cleaned_data.items()
            if name.startswith(_LAST_DAY) and day
        }


class OpenRound(_Deadlines):
    """A new round."""

    hint = "Left empty, {days} days after the round opens."
    title = text_field(
        "Name of the round", needed="Give the round a name, such as Assessment of 2026", most=200
    )
    on = day_field(
        "Boards of the day", "The round is of the boards and regions of this day.", needed="Give a day"
    )
    opens = day_field("Opens on", "Last days are counted from it.", needed="Say on which day it opens")
    reason = reason_field()


class ChangeRound(_Deadlines):
    """A round's name and last days, to be changed."""

    needed = "Give its last day"
    version = version_field()
    title = text_field("Name of the round", needed="Give the round a name", most=200)
    reason = reason_field()

    @classmethod
    def of(cls, round_: Round) -> dict[str, Any]:
        """What the form opens with."""
        days = {f"{_LAST_DAY}{state}": day for state, day in round_.days.items()}
        return {"version": round_.version, "title": round_.title} | days


class Begin(Form):
    """Of which board or boards an assessment is."""

    boards = forms.MultipleChoiceField(
        label="Boards",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one board"},
    )
    name = text_field("Name of the footprint", "Needed for more than one board.", most=200)

    def __init__(self, boards: Mapping[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        choices = [
            (code, f"{name} ({code})") for code, name in sorted(boards.items(), key=lambda pair: pair[1])
        ]
        self.fields["boards"].choices = choices  # type: ignore[attr-defined]


class Gather(Begin):
    """The same for one that has begun."""

    version = version_field()
    reason = reason_field()


class Rate(Form):
    """How the side that holds an assessment rates one test."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    rating = forms.ChoiceField(
        label="Rating",
        widget=forms.RadioSelect,
        choices=lambda: [(key, f"{each.name}: {each.meaning}") for key, each in ratings().items()],
        error_messages={"required": "Choose a rating"},
    )
    grounds = text_field(
        "Grounds",
        "What the rating rests on; name the evidence.",
        needed="Give your grounds, in a few words",
        most=4000,
        rows=5,
    )

    @classmethod
    def of(cls, answer: Answer | None) -> dict[str, Any]:
        """What the form opens with."""
        if answer is None:
            return {"version": 0}
        return {"version": answer.version, "rating": answer.rating, "grounds": answer.grounds}


class Recommend(Form):
    """What the panel recommends."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    recommendation = forms.ChoiceField(
        label="Recommendation",
        widget=forms.RadioSelect,
        choices=lambda: [(key, f"{each.name}: {each.meaning}") for key, each in recommendations().items()],
        error_messages={"required": "Choose what to recommend"},
    )
    grounds = text_field("Why", needed="Say why, in a few words", most=4000, rows=5)

    @classmethod
    def of(cls, verdict: Verdict | None) -> dict[str, Any]:
        """What the form opens with."""
        if verdict is None:
            return {"version": 0}
        return {
            "version": verdict.version,
            "recommendation": verdict.recommendation,
            "grounds": verdict.grounds,
        }


class PutPoint(Form):
    """A strength, a risk, a condition or a step of development, with what its kind needs."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False)

    def __init__(self, kind: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        found = points()[kind]
        needed = {name: f"Say {POINT_WORDS[name].lower()}" for name in found.needs}
        fields: dict[str, forms.Field] = {
            "words": text_field(found.name, found.meaning, needed="Say what it is", most=1000, rows=3),
            "criterion": _criterion(needed.get("criterion", "")),
        }
        if "mitigation" in needed:
            fields["mitigation"] = text_field(
                POINT_WORDS["mitigation"], needed=needed["mitigation"], most=1000, rows=3
            )
        if "owner" in needed:
            fields["owner"] = text_field(
                POINT_WORDS["owner"], "A post or a body.", needed=needed["owner"], most=200
            )
        if "due" in needed:
            fields["due"] = day_field(POINT_WORDS["due"], needed=needed["due"])
        self.fields |= fields
        self.dress()

    @classmethod
    def of(cls, point: Point) -> dict[str, Any]:
        """What the form opens with."""
        return {"version": point.version} | {name: getattr(point, name) for name in POINT_WORDS}


class SendEvidence(Form):
    """A file, of one test or of the whole."""

    file = forms.FileField(
        label="File",
        error_messages={
            "required": "Choose a file",
            "empty": "The file is empty: choose it again",
            "invalid": "Choose a file",
        },
    )
    criterion = _criterion()


class Act(Form):
    """A move, bound to what its page showed."""

    changes = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"), "This page is not whole any more: open it again."
        ),
    )
    reason = reason_field()


class Seen(Form):
    """At which version something was seen that is to be taken out."""

    version = version_field()


class Remove(Form):
    """Which file is to be removed."""

    evidence = forms.IntegerField(
        min_value=1, error_messages=dict.fromkeys(("required", "invalid", "min_value"), "Choose a file")
    )


def asked(query: QueryDict) -> Asked:
    """Which boards are asked for. Raises `ReadinessError` for what is none of a list."""
    held = {
        name: query.get(name, "")[:100].strip()
        for name in ("text", "region", "state", "recommendation", "side", "only")
    }
    known: dict[str, Iterable[str]] = {
        "state": {NOT_BEGUN, *states()},
        "recommendation": recommendations(),
        "side": sides(),
        "only": ONLY,
    }
    for name, values in known.items():
        if held[name] and held[name] not in values:
            raise ReadinessError(f"{held[name]!r} cannot be chosen as {name}: choose one of the list.")
    return Asked(**held)


def gathered(assessment: Assessment) -> dict[str, Any]:
    """What the form of an assessment's boards opens with."""
    members = [each.board for each in assessment.boards]
    return {
        "version": assessment.version,
        "boards": members,
        "name": assessment.name if len(members) > 1 else "",
    }

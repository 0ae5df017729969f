"""Reads what people send about reviews: new rounds, judgements, overrides, and which lines are meant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from speccom.portfolio.criteria import ANSWERS, Criterion, PortfolioError, judged
from speccom.portfolio.recommendation import recommendations
from speccom.site.accounts.forms import Form, day_field, reason_field, text_field
from speccom.site.audit.actions import SHORTEST_REASON
from speccom.site.core.edited import version_field
from speccom.site.portfolio.actions import Said
from speccom.site.portfolio.models import Judgement
from speccom.site.portfolio.queries import Asked

ONLY = {
    "": "All lines",
    "to_judge": "Not all judged by me",
    "judged": "All judged by me",
    "divided": "Judged differently",
    "overridden": "Overridden",
}
_LONGEST = 100


class OpenRound(Form):
    """A new review."""

    title = text_field(
        "Name of the review", needed="Give the review a name, such as Portfolio review 2026", most=200
    )
    on = day_field("Date of the portfolio", needed="Give a date")
    reason = reason_field()


class Override(Form):
    """What is recommended in place of what the rule says."""

    version = version_field()
    override = forms.ChoiceField(
        label="Recommend",
        required=False,
        choices=lambda: [
            ("", "What the rule says"),
            *((key, each.words) for key, each in recommendations().items()),
        ],
    )
    override_reason = reason_field()


class Judge(Form):
    """One criterion of a line, as one panel member judges it; left empty it is not judged."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    answer = forms.ChoiceField(required=False, choices=lambda: list(ANSWERS.items()))
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, criterion: Criterion, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.criterion = criterion

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or {}
        answer, reason = held.get("answer", ""), held.get("reason", "")
        if answer and len(reason) < SHORTEST_REASON:
            self.add_error("reason", f"{self.criterion.name}: say why, in a few words")
        if reason and not answer:
            self.add_error("answer", f"{self.criterion.name}: choose an answer to go with your reason")
        return held


def judge_forms(mine: dict[str, Judgement], sent: Any = None) -> list[Judge]:
    """A form for each judged criterion, filled with one's own judgement where there is one."""
    return [
        Judge(
            each,
            sent,
            prefix=key,
            initial={
                "version": mine[key].version if key in mine else 0,
                "answer": mine[key].answer if key in mine else "",
                "reason": mine[key].reason if key in mine else "",
            },
        )
        for key, each in judged().items()
    ]


def said(forms_: list[Judge]) -> list[Said]:
    """What was said in forms that can be read."""
    return [
        Said(each.criterion.criterion, held["answer"], held["reason"], held["version"])
        for each in forms_
        if (held := each.cleaned_data)["answer"]
    ]


def asked(query: QueryDict) -> Asked:
    """Which lines are asked for. Raises `PortfolioError` for a list or a kind that is not."""
    held = {name: query.get(name, "")[:_LONGEST].strip() for name in ("text", "programme", "list", "only")}
    if held["list"] and held["list"] not in recommendations():
        raise PortfolioError(f"{held['list']!r} is no list: choose one.")
    if held["only"] not in ONLY:
        raise PortfolioError(f"{held['only']!r} cannot be chosen by: choose one.")
    return Asked(**held)

"""The words of the pages of kept scenarios."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from speccom.site.accounts.organisations import name_in
from speccom.site.accounts.presenters import FormPage
from speccom.site.core.library import register
from speccom.site.core.pages import Link, Page, table
from speccom.site.notices.presenters import when
from speccom.site.scenarios.models import KeptScenario

_HEADINGS = ("Scenario", "Organisation", "Kept by", "Kept")


def keep_page(form: Any) -> FormPage:
    return FormPage(
        title="Keep a scenario",
        lead="It is kept in your organisation’s name, and everybody who visits this site can see and run it.",
        trail=(_trail(), Link("Scenarios", reverse("kept_scenarios"))),
        form=form,
        button="Keep it",
        notes=("Write nothing about any person: neither in the scenario nor in your reason.",),
    )


def kept_page(kept: list[KeptScenario]) -> Page:
    known = register()
    rows = (
        (
            Link(each.name, reverse("scenario", args=[each.content])),
            name_in(known, each.organisation) or each.organisation,
            each.kept_by.name,
            when(each.kept),
        )
        for each in kept
    )
    return Page(
        title="Scenarios that you keep",
        lead="Yours and your colleagues’, the newest first. Their addresses stay true: each is of its own content."
        if kept
        else "None yet: run a scenario, and choose to keep it.",
        trail=(_trail(),),
        tables=(table("kept", "Kept scenarios", _HEADINGS, rows),) if kept else (),
    )


def _trail() -> Link:
    return Link("Your workspace", reverse("workspace"))

"""The journey of a decision, from its draft by a secretary to the answer that everybody then reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import NewContext, served
from tests.browser.people import Colleague
from tests.browser.test_people import looked_at
from tests.site.processes import Environment

from speccom.workspace import Workspace

WHO = "/who/?line=NCBPS11B&area=QNC&on=2027-04-01"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("decided")


@pytest.fixture(scope="session")
def own_site(place: Path) -> Iterator[str]:
    """A site of its own: what is adopted into its register is adopted for good."""
    with served(Workspace(place)) as address:
        yield address


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], own_site: str) -> dict[str, Any]:
    """Addresses here are of that site, whichever site the tests before were of."""
    return browser_context_args | {"base_url": own_site}


def colleague(
    new_context: NewContext, site: str, machine: Environment, name: str, role: str, *, scripts: bool = True
) -> Colleague:
    """Somebody at NHS England who has joined."""
    made = Colleague(new_context(java_script_enabled=scripts).new_page(), site)
    made.given_an_invitation(machine, f"{name.lower()}@nhs.example", role, "X24")
    made.when_they_join(name)
    made.when_they_set_up_the_second_step()
    made.when_they_choose("I have kept them: go on")
    return made


def given_a_reason(who: Colleague, act: str, reason: str, button: str) -> None:
    who.page.locator(f"#{act}_reason").fill(reason)
    who.when_they_press_the_button(button)


def test_a_decision_is_drafted_approved_by_two_and_adopted_and_who_answers_anew(
    new_context: NewContext, own_site: str, place: Path
) -> None:
    machine: Environment = os.environ | {"SPECCOM_HOME": str(place)}
    ann = colleague(new_context, own_site, machine, "Ann", "board_secretary")
    ben = colleague(new_context, own_site, machine, "Ben", "national_team")
    cat = colleague(new_context, own_site, machine, "Cat", "board_secretary", scripts=False)
    public = Colleague(new_context().new_page(), own_site)
    public.given_the_page(WHO)
    public.then_they_read("NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions")

    ann.when_they_choose("Decisions in the making")
    looked_at(ann)
    ann.when_they_choose("Draft a decision")
    looked_at(ann)
    ann.when_they_press_the_button("Draft it")
    ann.then_they_read("There is a problem", "Give the decision a title")
    looked_at(ann)
    ann.when_they_fill_in(
        {
            "Reference": "NHSE-2026-91",
            "Title": "The Midlands come back",
            "Decided by": "NHS England Board",
            "Made on": "2026-11-02",
            "Minute": "12.3",
        }
    )
    ann.when_they_press_the_button("Draft it")
    ann.when_they_choose("Regions under another arrangement")
    looked_at(ann)
    ann.page.get_by_label("NHS England Midlands (Y60)").check()
    ann.page.get_by_label("Arrangement").select_option("joint")
    ann.when_they_fill_in({"From": "2027-04-01"})
    ann.when_they_press_the_button("Add it")
    ann.then_they_read("It cannot be adopted as it stands", "in no joint committee on 2027-04-01")
    looked_at(ann)
    ann.page.get_by_role("button", name=re.compile("Take it out")).click()
    ann.when_they_choose("Regions under another arrangement")
    ann.page.get_by_label("NHS England Midlands (Y60)").check()
    ann.page.get_by_label("Arrangement").select_option("national")
    ann.when_they_fill_in({"From": "2027-04-01"})
    ann.when_they_press_the_button("Add it")
    ann.then_they_read("1 April 2027: the answer changes for")
    given_a_reason(ann, "propose", "As the Board decided", "Put it for approval")
    ann.then_they_read("It needs 2 approvals")
    looked_at(ann)

    for approver in (ben, cat):
        approver.given_the_page("/workspace/decisions/")
        approver.when_they_choose("NHSE-2026-91")
        approver.when_they_choose("All that it would change")
        approver.then_they_read("What passes from whom to whom")
        approver.page.get_by_label("Where you are").get_by_role("link", name="NHSE-2026-91").click()
        given_a_reason(approver, "approve", "I read the paper and the effect", "Approve it")
    cat.then_they_read("it can be adopted")
    ben.when_they_choose("All that it would change")
    looked_at(ben)
    ben.given_the_page("/workspace/decisions/")
    ben.then_they_do_not_read("Draft a decision")

    ann.given_the_page("/workspace/decisions/")
    ann.when_they_choose("NHSE-2026-91")
    given_a_reason(ann, "adopt", "As the Board decided", "Adopt it into the register")
    ann.then_they_read("Adopted", "Known from", "Draft its revocation")
    looked_at(ann)
    public.given_the_page(WHO)
    expect(public.page.get_by_role("main")).to_contain_text("NHS England commissions")
    public.then_they_read("NHS England Board, 2 November 2026: the Midlands come back")
    public.given_the_page(f"{WHO}&known=2026-11-01")
    public.then_they_read("NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions")
    public.given_the_page("/decisions/")
    public.then_they_read("The Midlands come back")
    looked_at(public)
    ann.then_nothing_came_from_elsewhere()

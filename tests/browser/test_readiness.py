"""The journey of an assessment, from its board's draft to the draft of a decision, accessible on every screen."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import NewContext
from tests.browser.people import Colleague
from tests.browser.test_people import looked_at
from tests.readiness.files import CSV, PDF, png
from tests.site.processes import Environment

from speccom.readiness.tables import criteria


@pytest.fixture(scope="session")
def machine(served_in: Path) -> Environment:
    """The environment of commands for the site that is served."""
    return os.environ | {"SPECCOM_HOME": str(served_in)}


def joined(
    new_context: NewContext,
    site: str,
    machine: Environment,
    email: str,
    role: str,
    at: str,
    *,
    scripts: bool = True,
) -> Colleague:
    colleague = Colleague(new_context(java_script_enabled=scripts).new_page(), site)
    colleague.given_an_invitation(machine, email, role, at)
    colleague.when_they_join(email.partition("@")[0].capitalize())
    colleague.when_they_set_up_the_second_step()
    colleague.when_they_choose("I have kept them: go on")
    return colleague


def choose(who: Colleague, name: str) -> None:
    """One of several buttons, by its name before what it means."""
    who.page.get_by_role("radio", name=re.compile(f"^{name}:")).check()


def rate_all(who: Colleague, address: str, rating: str, grounds: str) -> None:
    """Rate the eight tests one after another, each page leading to the next."""
    who.given_the_page(f"{address}tests/benefit/")
    keys = list(criteria())
    for key, onward in zip(keys, [*keys[1:], None], strict=True):
        choose(who, rating)
        who.when_they_fill_in({"Grounds": f"{grounds} of {criteria()[key].label.lower()}"})
        who.when_they_press_the_button("Keep the rating")
        who.then_they_read("Your rating is kept.")
        if onward:
            who.when_they_choose(f"Next test: {criteria()[onward].label}")
    who.when_they_choose("All eight tests")


def moved(who: Colleague, key: str, reason: str, button: str) -> None:
    who.page.locator(f"#{key}_reason").fill(reason)
    who.when_they_press_the_button(button)


def test_a_system_is_assessed_by_board_region_and_panel_and_offered_to_a_decision(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    panel = joined(new_context, site, machine, "moderator@nhs.example", "national_team", "X24")
    lead = joined(new_context, site, machine, "lead@nhs.example", "icb_lead", "QNC")
    other = joined(new_context, site, machine, "other@nhs.example", "icb_lead", "QNC", scripts=False)
    analyst = joined(new_context, site, machine, "analyst@nhs.example", "icb_analyst", "QNC")
    region = joined(new_context, site, machine, "assessor@nhs.example", "regional_team", "Y60")
    secretary = joined(new_context, site, machine, "keeper.of.minutes@nhs.example", "board_secretary", "X24")

    # A round opens.
    panel.when_they_choose("Readiness of systems")
    panel.when_they_press_the_button("Open the round")
    panel.then_they_read("There is a problem")
    looked_at(panel)
    panel.when_they_fill_in(
        {
            "Name of the round": "Assessment of 2026",
            "Boards of the day": "2026-03-31",
            "Opens on": "2026-11-02",
            "Reason": "As planned",
        }
    )
    panel.when_they_press_the_button("Open the round")
    panel.then_they_read("42 boards")
    looked_at(panel)
    round_ = panel.page.url.removeprefix(site)
    panel.when_they_choose("Change its name and last days")
    looked_at(panel)

    # The board drafts, adds and signs.
    lead.given_the_page("/workspace/notices/")
    lead.when_they_choose("Readiness: Assessment of 2026")
    lead.when_they_choose("Begin an assessment")
    looked_at(lead)
    lead.page.get_by_label("NHS Staffordshire").check()
    lead.when_they_press_the_button("Begin it")
    lead.then_they_read("It is with your board: you may write.", "It lacks something yet")
    looked_at(lead)
    address = lead.page.url.removeprefix(site)
    rate_all(lead, address, "Met", "Our board's grounds")
    lead.when_they_choose("Add a risk")
    lead.when_they_press_the_button("Add it")
    lead.then_they_read("There is a problem")
    looked_at(lead)
    lead.page.get_by_label("Test", exact=True).select_option("workforce")
    lead.when_they_fill_in(
        {
            "Risk": "Too few specialist nurses",
            "What is done about it": "A joint programme of training",
            "By whom": "Chief nursing officer",
            "By when": "2027-06-30",
        }
    )
    lead.when_they_press_the_button("Add it")
    lead.when_they_choose("Add evidence")
    looked_at(lead)
    lead.page.get_by_label("File").set_input_files({"name": "plan.pdf", "mimeType": "", "buffer": png()})
    lead.when_they_press_the_button("Send the file")
    lead.then_they_read("name it rightly, then send it again")
    looked_at(lead)
    for name, content in (("plan.pdf", PDF), ("risks.csv", CSV)):
        lead.given_the_page(f"{address}evidence/")
        lead.page.get_by_label("File").set_input_files({"name": name, "mimeType": "", "buffer": content})
        lead.when_they_press_the_button("Send the file")
    lead.then_they_read("Too few specialist nurses", "plan.pdf", "risks.csv")
    with lead.page.expect_download() as taken:
        lead.page.get_by_role("link", name="plan.pdf").click()
    assert taken.value.suggested_filename == "plan.pdf"

    # Two edit the same test: the second is shown the first's change.
    for each in (lead, other):
        each.given_the_page(f"{address}tests/finance/")
        choose(each, "Partly met")
    other.when_they_fill_in({"Grounds": "A deficit of the year before"})
    other.when_they_press_the_button("Keep the rating")
    lead.when_they_fill_in({"Grounds": "A deficit that is planned away"})
    lead.when_they_press_the_button("Keep the rating")
    lead.then_they_read("other@nhs.example saved a change", "A deficit of the year before")
    expect(lead.page.get_by_label("Grounds")).to_have_value("A deficit that is planned away")
    looked_at(lead)
    lead.when_they_press_the_button("Keep the rating")
    lead.then_they_read("Your rating is kept.", "A deficit that is planned away")
    looked_at(lead)
    lead.given_the_page(address)
    looked_at(lead)
    moved(lead, "sign", "Agreed by our board", "Sign for the board")
    lead.then_they_read("With the region", "Signed by Lead")
    lead.then_they_do_not_read("you may write")

    analyst.given_the_page(address)
    analyst.then_they_read("Too few specialist nurses", "plan.pdf")
    analyst.then_they_do_not_read("Add evidence")
    analyst.given_the_page(f"{address}tests/finance/")
    analyst.then_they_do_not_read("Your rating")
    analyst.given_the_page(f"{address}evidence/", 403)

    # The region assesses; its boards see nothing of it yet.
    region.given_the_page(address)
    region.then_they_read("you may write", "Too few specialist nurses")
    looked_at(region)
    region.given_the_page(f"{address}tests/finance/")
    region.then_they_read("A deficit that is planned away")
    looked_at(region)
    rate_all(region, address, "Partly met", "The region's grounds")
    lead.given_the_page(f"{address}tests/finance/")
    lead.then_they_do_not_read("The region's grounds")
    moved(region, "complete", "All read", "Complete the regional assessment")
    region.then_they_read("With the national panel")
    lead.given_the_page(f"{address}tests/finance/")
    lead.then_they_read("The region's grounds of finance")

    # The panel moderates and recommends.
    panel.given_the_page(f"{round_}?only=differ")
    panel.then_they_read("1 board. As the last side")
    panel.when_they_choose("Staffordshire and Stoke-on-Trent")
    rate_all(panel, address, "Met", "The panel's grounds")
    panel.given_the_page(f"{address}tests/finance/")
    choose(panel, "Partly met")
    panel.when_they_press_the_button("Keep the rating")
    panel.given_the_page(address)
    panel.when_they_choose("Choose the recommendation")
    looked_at(panel)
    choose(panel, "Delegate")
    panel.when_they_fill_in({"Why": "Ready, but for money"})
    panel.when_they_press_the_button("Keep it")
    panel.then_they_read("Give a condition or a step of development")
    panel.when_they_choose("Add a condition")
    panel.page.get_by_label("Test", exact=True).select_option("finance")
    panel.when_they_fill_in({"Condition": "A plan to balance by April 2028"})
    panel.when_they_press_the_button("Add it")
    looked_at(panel)
    lead.given_the_page(address)
    lead.then_they_do_not_read("A plan to balance")
    moved(panel, "recommend", "Agreed by the panel", "Recommend")
    panel.then_they_read("Recommended on")
    looked_at(panel)
    lead.given_the_page(address)
    lead.then_they_read("A plan to balance by April 2028", "Ready, but for money")
    panel.given_the_page(round_)
    looked_at(panel)
    panel.page.get_by_text("Take these boards away as a file").click()
    panel.page.locator("#file").select_option("xlsx")
    panel.page.locator("#file_reason").fill("For the panel")
    with panel.page.expect_download() as taken:
        panel.page.get_by_role("button", name="Take the file").click()
    assert taken.value.suggested_filename.endswith(".xlsx")

    # The Board secretary finds it offered in a draft of a decision.
    secretary.given_the_page("/workspace/decisions/")
    secretary.then_they_read("Delegate: NHS Staffordshire")
    looked_at(secretary)
    secretary.page.get_by_role("link", name="Draft from READINESS-").first.click()
    expect(secretary.page.get_by_label("Conditions")).to_have_value("A plan to balance by April 2028")
    secretary.then_they_read("Drafted from READINESS-")
    secretary.given_the_page(address)
    secretary.then_they_read("Ready, but for money", "A plan to balance by April 2028")
    secretary.then_they_do_not_read("What you can do")
    lead.then_nothing_came_from_elsewhere()


def test_a_round_of_42_boards_is_read_on_a_telephone(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    who = joined(new_context, site, machine, "phone@nhs.example", "national_team", "X24")
    who.when_they_choose("Readiness of systems")
    opening = who.page.get_by_text("Open a round", exact=True).first
    if not who.page.get_by_label("Name of the round").is_visible():
        opening.click()
    who.when_they_fill_in(
        {
            "Name of the round": "Read on a telephone",
            "Boards of the day": "2026-03-31",
            "Opens on": "2026-11-02",
            "Reason": "As planned",
        }
    )
    who.when_they_press_the_button("Open the round")
    who.page.set_viewport_size({"width": 360, "height": 800})
    who.then_nothing_scrolls_sideways()
    who.then_its_first_column_stays("beside")
    who.then_the_page_is_accessible()
    who.then_the_page_is_no_taller_than(9_500)

"""A review of the portfolio from its opening to the Board's lists, accessible on every screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.browser.conftest import NewContext
from tests.browser.people import Colleague
from tests.browser.test_people import looked_at
from tests.site.processes import Environment

LINE = "NCBPS11B"


@pytest.fixture(scope="session")
def machine(served_in: Path) -> Environment:
    """The environment of commands for the site that is served."""
    return os.environ | {"SPECCOM_HOME": str(served_in)}


def joined(new_context: NewContext, site: str, machine: Environment, email: str, role: str) -> Colleague:
    colleague = Colleague(new_context().new_page(), site)
    colleague.given_an_invitation(machine, email, role, "X24")
    colleague.when_they_join(email.partition("@")[0].capitalize())
    colleague.when_they_set_up_the_second_step()
    colleague.when_they_choose("I have kept them: go on")
    return colleague


def judge(colleague: Colleague, criterion: str, answer: str, why: str) -> None:
    asked = colleague.page.get_by_role("group", name=criterion)
    asked.get_by_label(answer, exact=True).check()
    asked.get_by_label("Why").fill(why)
    colleague.when_they_press_the_button("Keep my judgements")


def test_a_portfolio_is_reviewed_from_its_opening_to_the_boards_lists(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    keeper = joined(new_context, site, machine, "keeper@nhs.example", "national_team")
    keeper.when_they_choose("Portfolio reviews")
    looked_at(keeper)
    keeper.when_they_fill_in(
        {"Name of the review": "Review 2026", "Date of the portfolio": "2026-11-01", "Reason": "Every year"}
    )
    keeper.when_they_press_the_button("Open the review")
    keeper.then_they_read("Open for judging", "Synthetic data")
    looked_at(keeper)
    review = keeper.page.url.removeprefix(site)

    first = joined(new_context, site, machine, "first@nhs.example", "panel_member")
    second = joined(new_context, site, machine, "second@nhs.example", "panel_member")
    for colleague in (first, second):
        colleague.given_the_page(f"{review}lines/{LINE}/")
        colleague.then_they_read("What is measured", "Your judgement")
    looked_at(first)
    judge(first, "Quality of care", "Yes", "Shorter waits at three centres")
    first.then_they_read("Your judgements are kept", "Shorter waits at three centres")
    looked_at(first)
    second.given_the_page(f"{review}lines/{LINE}/")
    second.then_they_do_not_read("Shorter waits")
    judge(second, "Quality of care", "No", "Nothing would change")
    second.then_they_read("Shorter waits at three centres", "Divided")

    keeper.given_the_page(f"{review}lines/{LINE}/")
    keeper.then_they_do_not_read("Shorter waits")
    keeper.given_the_page(review)
    keeper.page.get_by_text("End judging and disclose").first.click()
    keeper.page.locator("#disclose_reason").fill("As planned")
    keeper.when_they_press_the_button("End judging and disclose")
    keeper.then_they_read("Disclosed", "Lines judged differently")
    keeper.given_the_page(f"{review}lines/{LINE}/")
    keeper.then_they_read("Shorter waits at three centres", "Nothing would change")
    keeper.page.locator("[name=override]").select_option("retained")
    keeper.when_they_press_the_button("Keep the recommendation")
    keeper.then_they_read("Say why, in a few words")
    looked_at(keeper)
    keeper.when_they_fill_in({"Reason": "One provider only"})
    keeper.when_they_press_the_button("Keep the recommendation")
    keeper.then_they_read("Overridden: One provider only")
    looked_at(keeper)
    keeper.given_the_page(review)
    keeper.page.get_by_text("Settle", exact=True).first.click()
    keeper.page.locator("#settle_reason").fill("As agreed")
    keeper.when_they_press_the_button("Settle")
    keeper.then_they_read("Settled")
    keeper.given_the_page(f"{review}compare/")
    looked_at(keeper)
    keeper.given_the_page(review)
    keeper.page.get_by_text("Take the lists away as a file").click()
    keeper.page.locator("#file_reason").fill("For the Board")
    keeper.page.locator("#file").select_option("xlsx")
    with keeper.page.expect_download() as taken:
        keeper.page.get_by_role("button", name="Take the file").click()
    assert taken.value.suggested_filename.endswith(".xlsx")

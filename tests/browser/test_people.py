"""Journeys of people who sign in, and every page behind signing in: whole, accessible, without scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.browser.conftest import NewContext
from tests.browser.people import PASSWORD, Colleague
from tests.site.processes import Environment

BEHIND = (
    "/workspace/",
    "/account/",
    "/account/password/",
    "/account/recovery-codes/",
    "/account/tokens/",
    "/people/",
    "/people/invite/",
    "/audit/",
    "/audit/?subject=nobody",
    "/audit/1/",
)
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def machine(served_in: Path) -> Environment:
    """The environment of commands for the site that is served."""
    return os.environ | {"SPECCOM_HOME": str(served_in)}


def looked_at(colleague: Colleague) -> None:
    """The page as it is, at a desk and on a telephone."""
    for size in (DESK, PHONE):
        colleague.page.set_viewport_size(size)  # type: ignore[arg-type]
        colleague.then_the_page_is_accessible()
        colleague.then_nothing_scrolls_sideways()
        folder = os.environ.get("SPECCOM_PICTURES")
        if folder:
            name = colleague.page.url.removeprefix(colleague.site).strip("/").replace("/", "-")[:40] or "home"
            number = len(list(Path(folder).iterdir()))
            colleague.page.screenshot(
                path=Path(folder) / f"{number:03}-{name.partition('?')[0]}-{size['width']}.png",
                full_page=True,
            )


def test_somebody_joins_signs_in_and_looks_after_people_without_scripts(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    ann = Colleague(new_context(java_script_enabled=False).new_page(), site)
    ann.given_an_invitation(machine, "ann@nhs.example", "administrator", "X24")
    ann.when_they_join("Ann Keeper")
    ann.then_they_read("Set up your second step")
    ann.when_they_set_up_the_second_step()
    ann.then_they_read("Keep your recovery codes")
    ann.when_they_choose("I have kept them: go on")
    ann.then_they_read("Signed in as Ann Keeper")
    ann.when_they_choose("People and roles")
    ann.when_they_choose("Invite somebody")
    ann.when_they_fill_in({"E-mail address": "ben@qnc.example", "Reason": "joins the team"})
    ann.page.get_by_label("Role").select_option("icb_lead")
    ann.page.get_by_label("Organisation", exact=True).select_option("QNC")
    ann.when_they_press_the_button("Invite")
    ann.then_they_read("Pass this link on")
    link = ann.page.locator("code.once").inner_text()

    ben = Colleague(new_context(java_script_enabled=False).new_page(), site)
    ben.invitation = link.removeprefix(site)
    ben.when_they_join("Ben Lead")
    ben.when_they_set_up_the_second_step()
    ben.when_they_choose("I have kept them: go on")
    ben.then_they_read("ICB lead, NHS Staffordshire", "What was done")
    ben.then_they_do_not_read("People and roles")
    ben.given_the_page("/people/", 403)
    ben.given_the_page("/workspace/")
    ben.when_they_press_the_button("Sign out")
    ben.then_the_page_is("/")
    ben.given_the_page("/workspace/")
    ben.then_the_page_is("/sign-in/")
    ben.when_they_fill_in({"E-mail address": "ben@qnc.example", "Password": PASSWORD})
    ben.when_they_press_the_button("Sign in")
    ben.when_they_fill_in({"Code": ben.code()})
    ben.when_they_press_the_button("Go on")
    ben.then_the_page_is("/workspace/")


def test_every_page_behind_signing_in_and_on_the_way_is_accessible_on_every_screen(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    cat = Colleague(new_context().new_page(), site)
    cat.given_the_page("/sign-in/")
    looked_at(cat)
    cat.when_they_press_the_button("Sign in")
    cat.then_they_read("There is a problem")
    looked_at(cat)
    cat.given_an_invitation(machine, "cat@nhs.example", "administrator", "X24")
    cat.given_the_page(cat.invitation)
    looked_at(cat)
    cat.when_they_join("Cat Keeper")
    looked_at(cat)
    cat.when_they_set_up_the_second_step()
    looked_at(cat)
    other = Colleague(new_context().new_page(), site)
    other.given_an_invitation(machine, "dan@qnc.example", "icb_lead", "QNC")
    other.when_they_join("Dan Lead")
    for address in BEHIND:
        cat.given_the_page(address)
        looked_at(cat)
        cat.then_nothing_was_missing()
    cat.given_the_page("/account/tokens/")
    cat.when_they_fill_in({"Name": "monthly report"})
    cat.when_they_press_the_button("Make a token")
    looked_at(cat)
    cat.given_the_page("/account/tokens/")
    looked_at(cat)
    cat.given_an_invitation(machine, "eve@qnc.example", "icb_lead", "QNC")
    cat.given_the_page("/people/")
    cat.when_they_choose("eve@qnc.example")
    looked_at(cat)
    cat.given_the_page("/people/")
    cat.when_they_choose("Dan Lead")
    looked_at(cat)
    cat.page.get_by_text("Help with signing in").click()
    cat.page.locator("#anew_reason").fill("x")
    cat.when_they_press_the_button("Make a link")
    cat.then_they_read("There is a problem")
    looked_at(cat)
    cat.given_the_page("/people/999999/", 404)
    looked_at(cat)
    cat.then_nothing_came_from_elsewhere()


def test_the_way_in_is_walked_by_keyboard_alone(
    new_context: NewContext, site: str, machine: Environment
) -> None:
    fay = Colleague(new_context().new_page(), site)
    fay.given_the_page("/sign-in/")
    fay.when_they_tab_to("E-mail address")
    fay.when_they_write("nobody@qnc.example")
    fay.when_they_press("Tab")
    fay.when_they_write("not the password")
    fay.when_they_press_enter()
    fay.then_they_read("The e-mail address or the password is not right.")

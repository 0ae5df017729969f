"""Journeys of people who ask who commissions a service: with a mouse, a keyboard, no scripts, and on paper."""

from __future__ import annotations

from tests.browser.reader import Reader

BOARD = "NHS Staffordshire and Stoke-on-Trent Integrated Care Board"
STAFFORDSHIRE = "NHS Staffordshire and Stoke-on-Trent ICB"
DIALYSIS = "Adult specialist renal services: renal dialysis"
ANSWER = "/who/?line=NCBPS11B&area=QNC&on=2024-05-01"
SKIP_LINK = "Skip to main content"


def test_a_patient_group_finds_in_three_steps_who_commissions_dialysis_and_why(reader: Reader) -> None:
    reader.given_the_home_page()
    reader.when_they_search_for("kidney dialysis")
    reader.when_they_choose(DIALYSIS)
    reader.when_they_choose_the_area(STAFFORDSHIRE)
    reader.then_it_took(steps=3)
    reader.then_the_answer_is(f"{BOARD} commissions {DIALYSIS} (NCBPS11B)")
    reader.then_they_read(
        "is on the list of services that are suitable and ready to be delegated",
        "Decided by",
        "Source:",
        "Every fact behind this answer was read in the source named beside it.",
    )
    reader.then_the_page_is_accessible()


def test_the_date_changes_in_one_step_and_the_changeover_day_has_the_new_answer(reader: Reader) -> None:
    reader.given_the_page(ANSWER)
    reader.when_they_choose_the_date("2024-03-31")
    reader.then_it_took(steps=1)
    reader.then_the_answer_is(f"On 31 March 2024, NHS England and {BOARD} commission")
    reader.when_they_choose("1 April 2024")
    reader.then_it_took(steps=2)
    reader.then_the_answer_is(f"On 1 April 2024, {BOARD} commissions")


def test_the_area_changes_in_one_step(reader: Reader) -> None:
    reader.given_the_page(ANSWER)
    reader.when_they_choose_the_area("NHS North East London ICB")
    reader.then_it_took(steps=1)
    reader.then_the_answer_is("NHS England and NHS North East London Integrated Care Board commission")


def test_a_cited_link_says_the_same_when_somebody_opens_it_later(reader: Reader) -> None:
    reader.given_the_page(ANSWER)
    said = reader.page.locator(".answer__sentence").inner_text()
    cited = reader.when_they_keep_the_citation()
    assert "known=" in cited
    reader.given_the_page("/about/")
    reader.given_the_page(cited)
    reader.then_the_answer_is(said)
    reader.then_they_read("This is the answer as far as was publicly known on")


def test_a_map_leads_to_the_answer_for_an_area_on_its_day(reader: Reader) -> None:
    reader.given_the_page("/lines/NCBPS11B/?on=2025-05-01&known=2024-01-15")
    reader.when_they_choose("North East London")
    reader.then_the_answer_is("On 1 May 2025, NHS England and NHS North East London")
    reader.then_they_read("publicly known on 15 January 2024")


# --- search


def test_results_appear_as_somebody_types_and_their_number_is_said_aloud(reader: Reader) -> None:
    reader.given_the_home_page()
    reader.when_they_type_in_the_search("kidney dialysis")
    reader.then_they_read("2 results for “kidney dialysis”.")
    reader.then_they_are_told_aloud("2 results")
    reader.then_the_page_is("/")
    reader.then_the_page_is_accessible()
    reader.when_they_choose(DIALYSIS)
    reader.then_the_page_is("/lines/NCBPS11B/")


def test_without_scripts_the_same_is_found_on_a_page_of_its_own(reader_without_scripts: Reader) -> None:
    reader = reader_without_scripts
    reader.given_the_home_page()
    reader.when_they_search_for("kidney dialysis")
    reader.then_the_page_is("/search/?q=kidney+dialysis")
    reader.then_they_read("2 results for “kidney dialysis”.")
    reader.when_they_choose(DIALYSIS)
    reader.when_they_choose_the_area(STAFFORDSHIRE)
    reader.then_it_took(steps=3)
    reader.then_the_answer_is(f"{BOARD} commissions {DIALYSIS} (NCBPS11B)")


# --- the keyboard


def test_the_whole_journey_needs_only_a_keyboard(reader: Reader) -> None:
    reader.given_the_home_page()
    reader.when_they_tab_to("Service, condition, code or organisation")
    reader.when_they_write("kidney dialysis")
    reader.when_they_press_enter()
    reader.when_they_tab_to(DIALYSIS)
    reader.when_they_press_enter()
    reader.when_they_tab_to("Area")
    reader.when_they_write(STAFFORDSHIRE)
    reader.when_they_tab_to("Show")
    reader.when_they_press_enter()
    reader.then_it_took(steps=3)
    reader.then_the_answer_is(f"{BOARD} commissions {DIALYSIS} (NCBPS11B)")


def test_the_skip_link_comes_first_and_leads_past_the_navigation(reader: Reader) -> None:
    reader.given_the_page(ANSWER)
    reader.when_they_tab_to(SKIP_LINK, within=1)
    reader.when_they_press("Enter")
    reader.then_focus_is_in_the_main_part()
    reader.when_they_tab_to("Area", within=2)


# --- paper


def test_a_printed_answer_has_its_sources_and_no_navigation(reader: Reader) -> None:
    reader.given_the_page(ANSWER)
    reader.when_they_print()
    reader.then_they_see("h1", ".answer__sentence", ".reasons .source", ".cite", ".site-header__name")
    reader.then_they_do_not_see(
        ".site-header__nav", ".site-footer nav", ".trail", ".search", ".ask", ".files"
    )


def test_a_printed_map_has_its_table(reader: Reader) -> None:
    reader.given_the_page("/lines/NCBPS11B/")
    reader.when_they_print()
    reader.then_they_see("#map svg", "#areas", ".picture__wide svg")
    reader.then_they_do_not_see(".site-header__nav", ".ask", ".nhsuk-skip-link")

"""Every kind of page in a real browser: accessible, no wider than a telephone, and whole by itself."""

from __future__ import annotations

import pytest
from tests.browser.reader import Reader
from tests.site.test_pages import PAGES

FURTHER = (
    "/search/",
    "/search/?q=zzzz",
    "/who/?line=renal&area=QNC",
    "/services/105/",
    "/lines/NCBPS11B/?on=2024-05-01&known=2024-01-15",
    "/organisations/QNC/",
    "/changes/?from=2025-03-31&to=2025-04-01",
    "/insight/",
    "/insight/variation/?icb=QMF&peers=region",
    "/insight/equity/",
    "/insight/equity/?icb=QMF",
    "/insight/flows/",
    "/insight/flows/?icb=QMF",
    "/insight/flows/?by=board",
    "/insight/flows/?by=balance",
    "/finance/bases/",
    "/finance/bases/?area=Y56",
    "/finance/bases/?by=icb&area=QMF",
    "/finance/explain/bases/?area=Y56&number=transfer",
    "/finance/position/",
    "/finance/position/?commissioner=QMF&month=2025/26-1",
    "/finance/explain/position/?commissioner=QMF&number=forecast",
    "/finance/scenarios/",
    "/finance/scenarios/new/",
    "/sign-in/",
    "/finance/",
    "/finance/allocation/",
    "/finance/allocation/?k=30&floor=5&no_overshoot=yes&years=3&boundaries=2026-04-01",
    "/finance/allocation/?k=30&boundaries=2026-04-01&part_QNQ_QRL=1&part_QNQ_S0E4D=2&part_QNQ_S9B9J=3",
    "/finance/explain/allocation/?k=20&cmax=1&gmin=1&u0=5&u1=10&floor=5&area=QE1&number=closing_distance",
    "/finance/needs/",
    "/finance/needs/example-need-for-renal-dialysis/",
    "/finance/explain/need/example-need-for-renal-dialysis/?area=QMF",
    "/insight/changes/",
    "/insight/changes/?icb=each",
    "/insight/control/?lines=NCBPS11B",
    "/insight/control/?lines=NCBPS06A",
    "/insight/volatility/",
    "/insight/volatility/?lines=NCBPS11B",
    "/insight/tiers/",
    "/insight/tiers/?lines=NCBPS11B&q=0.1",
)
REFUSED = (
    ("/nowhere/", 404),
    ("/lines/NCBPS11X/", 404),
    ("/changes/?from=soon", 400),
    ("/finance/allocation/?gmin=50", 400),
    ("/finance/scenarios/april-2026-mergers/", 403),
    ("/who/?line=NCBPS11B&area=QNQ&on=2026-04-01", 404),
)
EVERY = [*((address, 200) for address in (*PAGES, *FURTHER)), *REFUSED]
LARGEST_PAGE = 200_000  # bytes over the wire
TALLEST_PAGE = 9_500  # pixels on a phone, 360 across
OF_EVERY_BOARD = "/finance/allocation/"
"""A page with a table of more rows than it shows at first, and of more columns than a phone is wide."""


@pytest.mark.parametrize(("address", "status"), EVERY)
def test_a_page_is_accessible_and_needs_no_other_site(reader: Reader, address: str, status: int) -> None:
    reader.given_the_page(address, status)
    reader.then_the_page_is_accessible()
    reader.then_nothing_scrolls_sideways()
    reader.then_nothing_came_from_elsewhere()
    reader.then_nothing_was_missing()


@pytest.mark.parametrize(("address", "status"), EVERY)
def test_a_page_is_no_wider_than_a_telephone_or_a_tablet(
    reader_on_a_phone: Reader, address: str, status: int
) -> None:
    reader_on_a_phone.given_the_page(address, status)
    reader_on_a_phone.then_nothing_scrolls_sideways()
    reader_on_a_phone.then_no_label_is_broken_within_a_word()
    reader_on_a_phone.when_they_turn_to_a_tablet()
    reader_on_a_phone.then_nothing_scrolls_sideways()


@pytest.mark.parametrize("address", ["/", "/search/?q=renal", "/lines/NCBPS11B/", "/decisions/"])
def test_a_page_is_accessible_on_a_telephone(reader_on_a_phone: Reader, address: str) -> None:
    reader_on_a_phone.given_the_page(address)
    reader_on_a_phone.then_the_page_is_accessible()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_report_of_a_demonstration_is_one_click_away_and_accessible(reader: Reader, width: int) -> None:
    reader.page.set_viewport_size({"width": width, "height": 900})
    reader.given_the_home_page()
    reader.when_they_choose("Who pays: a demonstration")
    reader.then_the_page_is("/demonstration/")
    reader.then_they_see(".synthetic", "h1")
    reader.then_the_page_is_accessible()
    reader.then_nothing_scrolls_sideways()
    reader.then_nothing_came_from_elsewhere()


def test_the_home_page_weighs_little_over_the_wire(reader: Reader) -> None:
    reader.given_the_home_page()
    reader.page.wait_for_load_state("networkidle")
    reader.then_over_the_wire_it_weighed_at_most(LARGEST_PAGE)


@pytest.mark.parametrize(
    "address",
    [address for address, _ in EVERY if address.startswith(("/insight/", "/finance/", "/decisions/"))],
)
def test_a_long_page_is_not_too_long_for_a_telephone(reader_on_a_phone: Reader, address: str) -> None:
    reader_on_a_phone.page.set_viewport_size({"width": 360, "height": 800})
    reader_on_a_phone.page.goto(address)
    reader_on_a_phone.then_the_page_is_no_taller_than(TALLEST_PAGE)


def test_a_wide_table_moves_beneath_its_first_column_on_a_telephone(reader_on_a_phone: Reader) -> None:
    reader_on_a_phone.given_the_page(OF_EVERY_BOARD)
    reader_on_a_phone.then_its_first_column_stays("allocations")
    reader_on_a_phone.then_the_page_is_accessible()


def test_the_rows_that_wait_behind_a_click_need_no_scripts(reader_without_scripts: Reader) -> None:
    reader_without_scripts.given_the_page(OF_EVERY_BOARD)
    reader_without_scripts.then_they_do_not_see("#allocations-more")
    reader_without_scripts.when_they_open("Show the other 30 of 42 rows")
    reader_without_scripts.then_they_see("#allocations-more tbody tr:last-child td")


def test_on_paper_a_table_has_all_its_rows(reader: Reader) -> None:
    reader.given_the_page(OF_EVERY_BOARD)
    reader.when_they_print()
    reader.then_they_see("#allocations tbody tr:last-child td", "#allocations-more tbody tr:last-child td")

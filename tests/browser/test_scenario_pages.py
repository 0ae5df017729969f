"""The pages of scenarios in a real browser, over a ledger of people enough for everybody to see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.conftest import NewContext, served
from tests.browser.reader import Reader
from tests.finance.scenario_worlds import a_year
from tests.insight.worlds import ledger

PAGES = (
    "/finance/scenarios/april-2026-mergers/",
    "/finance/scenarios/compare/?a=april-2026-mergers&b=delegate-one-line",
    "/finance/explain/scenarios/april-2026-mergers/?area=Z9B2Z&number=gain",
)


@pytest.fixture(scope="module")
def scenario_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another site than the other pages have: in theirs some board has few people, so scenarios are not shown."""
    with served(ledger(tmp_path_factory.mktemp("scenarios"), a_year(patients=12))) as address:
        yield address


@pytest.fixture
def reader(new_context: NewContext, scenario_site: str) -> Reader:
    context = new_context(viewport={"width": 1280, "height": 900})
    return Reader(context.new_page(), scenario_site)


@pytest.fixture
def reader_on_a_phone(new_context: NewContext, scenario_site: str) -> Reader:
    context = new_context(viewport={"width": 320, "height": 640})
    return Reader(context.new_page(), scenario_site)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_and_needs_no_other_site(reader: Reader, address: str) -> None:
    reader.given_the_page(f"{reader.site}{address}")
    reader.then_the_page_is_accessible()
    reader.then_nothing_scrolls_sideways()
    reader.then_nothing_came_from_elsewhere()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_no_wider_than_a_telephone(reader_on_a_phone: Reader, address: str) -> None:
    reader_on_a_phone.given_the_page(f"{reader_on_a_phone.site}{address}")
    reader_on_a_phone.then_nothing_scrolls_sideways()
    reader_on_a_phone.then_no_label_is_broken_within_a_word()

"""The page of risk pools in a real browser, over a ledger of the years that it needs: accessible at every width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.conftest import NewContext, served
from tests.browser.reader import Reader
from tests.finance.pool_worlds import pooled
from tests.ledger.worlds import RENAL

ASKED = f"lines={RENAL}&codes=QMF,QWO,QKK"
PAGES = (
    (f"/finance/pools/?{ASKED}", 200),
    (f"/finance/pools/?{ASKED}&by=area&retention=110%25&correlation=50", 200),
    (f"/finance/pools/?lines={RENAL}&areas=england&kind=share&part=50", 200),
    (f"/finance/explain/pool/?{ASKED}&area=QMF&number=premium", 200),
    (f"/finance/explain/pool/?{ASKED}&area=QWO&number=over_pool", 200),
    (f"/finance/pools/?{ASKED}&retention=-5", 400),
)


@pytest.fixture(scope="module")
def pooled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(pooled(tmp_path_factory.mktemp("pooled"))) as address:
        yield address


@pytest.fixture
def reader(new_context: NewContext, pooled_site: str) -> Reader:
    context = new_context(viewport={"width": 1280, "height": 900})
    return Reader(context.new_page(), pooled_site)


@pytest.fixture
def reader_on_a_phone(new_context: NewContext, pooled_site: str) -> Reader:
    context = new_context(viewport={"width": 320, "height": 640})
    return Reader(context.new_page(), pooled_site)


@pytest.mark.parametrize(("address", "status"), PAGES)
def test_a_page_of_pools_is_accessible_and_needs_no_other_site(
    reader: Reader, address: str, status: int
) -> None:
    reader.given_the_page(f"{reader.site}{address}", status)
    reader.then_the_page_is_accessible()
    reader.then_nothing_scrolls_sideways()
    reader.then_nothing_came_from_elsewhere()
    reader.then_nothing_was_missing()


@pytest.mark.parametrize(("address", "status"), PAGES)
def test_a_page_of_pools_is_no_wider_than_a_telephone_or_a_tablet(
    reader_on_a_phone: Reader, address: str, status: int
) -> None:
    reader_on_a_phone.given_the_page(f"{reader_on_a_phone.site}{address}", status)
    reader_on_a_phone.then_nothing_scrolls_sideways()
    reader_on_a_phone.then_no_label_is_broken_within_a_word()
    reader_on_a_phone.then_the_page_is_accessible()
    reader_on_a_phone.when_they_turn_to_a_tablet()
    reader_on_a_phone.then_nothing_scrolls_sideways()

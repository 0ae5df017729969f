"""The report is one honest page: whole, accessible, escaped, and marked when it is synthetic."""

import itertools
from html.parser import HTMLParser

import pytest
from tests.charts.world import HOSTILE, nothing_challenged, results

from speccom.charts.report import render

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """A strict reading of a page: what opens must close, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.seen if tag in tags]


@pytest.fixture(scope="module")
def html() -> str:
    return render(results())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_page_is_well_formed_and_in_british_english(page: Page) -> None:
    assert page.faults == []
    assert page.all("html") == [{"lang": "en-GB"}]


def test_headings_step_down_one_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.seen if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_a_reader_can_skip_to_the_results_and_every_link_within_leads_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.seen}
    within = [str(link["href"])[1:] for link in page.all("a") if str(link["href"]).startswith("#")]
    assert within[0] == "main"
    assert set(within) <= ids
    assert len(within) == 12


def test_the_page_fetches_nothing_and_runs_nothing(page: Page, html: str) -> None:
    assert not page.all("script", "link", "img", "iframe", "object", "use")
    assert not [attributes for _, attributes in page.seen if "src" in attributes]
    assert "url(http" not in html
    assert "@import" not in html
    outside = [link for link in page.all("a") if str(link["href"]).startswith("http")]
    assert all(link["rel"] == "noreferrer" for link in outside)


def test_every_table_has_a_caption_and_every_heading_a_scope(page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(heading.get("scope") in ("row", "col") for heading in page.all("th"))
    regions = [attributes for attributes in page.all("div") if attributes.get("role") == "region"]
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)


def test_every_figure_is_followed_by_a_table(page: Page) -> None:
    order = [tag for tag, _ in page.seen if tag in ("figure", "table")]
    assert order.count("figure") == 9
    assert all(order[place + 1] == "table" for place, tag in enumerate(order) if tag == "figure")


def test_synthetic_results_say_so_in_the_title_at_the_head_and_at_the_foot(html: str) -> None:
    assert html.count("SYNTHETIC DATA.") == 2
    assert "<title>SYNTHETIC – " in html
    assert "SYNTHETIC" not in render(results(synthetic=False))


def test_a_hostile_name_is_shown_and_never_obeyed() -> None:
    html = render(results(name=HOSTILE))
    assert "<script" not in html
    assert "&lt;script&gt;alert" in html
    assert Page(html).faults == []


def test_the_conservation_of_rows_and_pounds_is_said_in_full(html: str) -> None:
    assert (
        "1,203,456 rows received = 1,100,000 in the ledger + 3,456 quarantined + 100,000 superseded" in html
    )
    assert "£12,534,567,890.125" in html
    assert 'class="holds"' in html


def test_a_ledger_that_does_not_conserve_is_not_to_be_used() -> None:
    html = render(results(conserved=False))
    assert 'class="broken"' in html
    assert "this report must not be used" in html


def test_a_half_year_without_challenge_or_finding_is_said_plainly() -> None:
    html = render(nothing_challenged())
    assert "No line names another commissioner or category" in html
    assert "none found anything" in html


def test_the_report_can_be_sent_by_mail(html: str) -> None:
    assert len(html.encode()) < 1_500_000

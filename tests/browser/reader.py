"""Somebody who reads the site in a browser: what they are given, what they do, and what they then see."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Response, expect

_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_SEARCH = "Service, condition, code or organisation"
_AXE = Axe()

# What has focus: its words, whether it can be seen in the window, and how it is marked.
_FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    words: (at.labels?.[0]?.textContent ?? at.textContent).trim(),
    tag: at.tagName,
    marked: style.boxShadow !== "none" || (style.outlineStyle !== "none" && style.outlineWidth !== "0px"),
    seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight,
  };
}"""

# Labels of a table's values, as a narrow page shows them, that take more lines than they have words.
_BROKEN = """() => [...document.querySelectorAll(".nhsuk-table__heading")].filter((label) => {
  const words = document.createRange();
  words.selectNodeContents(label);
  const lines = new Set([...words.getClientRects()].map((box) => Math.round(box.top)));
  return lines.size > label.textContent.trim().split(/\\s+/).length;
}).map((label) => label.textContent)"""


class Reader:
    """One person and their browser. `steps` counts what they have chosen or sent since they began."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.steps = page, site, 0
        self.requested: list[Request] = []
        self.answered: list[Response] = []
        page.on("request", lambda request: self.requested.append(request))
        page.on("response", lambda response: self.answered.append(response))

    # --- given

    def given_the_home_page(self) -> None:
        self.given_the_page("/")

    def given_the_page(self, address: str, status: int = 200) -> None:
        response = self.page.goto(address)
        assert response is not None and response.status == status, (
            f"{address}: {response and response.status}"
        )

    # --- when

    def when_they_search_for(self, words: str) -> None:
        self.page.get_by_label(_SEARCH).fill(words)
        self._step(lambda: self.page.get_by_role("button", name="Search", exact=True).click())

    def when_they_type_in_the_search(self, words: str) -> None:
        self.page.get_by_label(_SEARCH).press_sequentially(words, delay=15)

    def when_they_choose(self, link: str) -> None:
        main = self.page.get_by_role("main")
        self._step(lambda: main.get_by_role("link", name=link, exact=True).first.click())

    def when_they_choose_the_area(self, name: str) -> None:
        self.page.get_by_label("Area", exact=True).select_option(label=name)
        self._step(self._show)

    def when_they_choose_the_date(self, date: str) -> None:
        self.page.get_by_label("Date", exact=True).first.fill(date)
        self._step(self._show)

    def when_they_tab_to(self, words: str, within: int = 200) -> None:
        """Tab on until something with these words has focus; each stop on the way can be seen and is marked."""
        for _ in range(within):
            self.page.keyboard.press("Tab")
            focus = self._focus()
            assert focus["marked"] and focus["seen"], f"Focus cannot be seen on {focus}"
            if focus["words"] == words:
                return
        raise AssertionError(f"{words!r} was not reached in {within} steps; the last was {focus}")

    def when_they_press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def when_they_press_enter(self) -> None:
        """Press Enter on something that leads to another page."""
        self._step(lambda: self.page.keyboard.press("Enter"))

    def when_they_write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def when_they_open(self, words: str) -> None:
        self.page.get_by_text(words).first.click()

    def when_they_turn_to_a_tablet(self) -> None:
        """Just wide enough for tables to have columns."""
        self.page.set_viewport_size({"width": 770, "height": 1024})

    def when_they_print(self) -> None:
        self.page.emulate_media(media="print")

    def when_they_keep_the_citation(self) -> str:
        """The link that the answer says stays true."""
        return self.page.locator(".cite a").inner_text()

    # --- then

    def then_they_read(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.page.get_by_role("main")).to_contain_text(sentence)

    def then_they_do_not_read(self, sentence: str) -> None:
        expect(self.page.get_by_role("main")).not_to_contain_text(sentence)

    def then_the_answer_is(self, sentence: str) -> None:
        expect(self.page.locator(".answer__sentence")).to_contain_text(sentence)

    def then_they_are_told_aloud(self, words: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(words)

    def then_the_page_is(self, address: str) -> None:
        expect(self.page).to_have_url(re.compile(f"^{re.escape(self.site + address)}"))

    def then_focus_is_in_the_main_part(self) -> None:
        assert self._focus()["tag"] == "MAIN"

    def then_it_took(self, steps: int) -> None:
        assert self.steps == steps

    def then_they_see(self, *selectors: str) -> None:
        for selector in selectors:
            expect(self.page.locator(selector).first).to_be_visible()

    def then_they_do_not_see(self, *selectors: str) -> None:
        for selector in selectors:
            for each in self.page.locator(selector).all():
                expect(each).to_be_hidden()

    def then_nothing_scrolls_sideways(self) -> None:
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{self.page.url} is {wide} pixels wide in a window of {window}"

    def then_the_page_is_no_taller_than(self, limit: int) -> None:
        tall = self.page.evaluate("document.documentElement.scrollHeight")
        assert tall <= limit, f"{self.page.url} is {tall:,} pixels tall"

    def then_its_first_column_stays(self, table: str) -> None:
        """A table wider than the page moves in a region of its own beneath its first column, by keyboard."""
        region = self.page.get_by_role("region").filter(has=self.page.locator(f"#{table}"))
        names, values = region.locator("tbody tr").first.locator("th"), region.locator("tbody td").first
        before = [each.bounding_box() for each in (names, values)]
        region.focus()
        assert self._focus()["marked"]
        for _ in range(5):
            self.page.keyboard.press("ArrowRight")
        expect(region).not_to_have_js_property("scrollLeft", 0)
        after = [each.bounding_box() for each in (names, values)]
        assert all(before) and all(after)
        assert after[0]["x"] == before[0]["x"] and after[1]["x"] < before[1]["x"]  # type: ignore[index]

    def then_no_label_is_broken_within_a_word(self) -> None:
        assert self.page.evaluate(_BROKEN) == []

    def then_the_page_is_accessible(self) -> None:
        """No violation that axe can find, of WCAG 2.2 AA or of good practice."""
        found: list[dict[str, Any]] = _AXE.run(
            self.page, options={"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
        ).response["violations"]
        said = [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]
        assert not said, f"{self.page.url}\n" + "\n".join(said)

    def then_nothing_came_from_elsewhere(self) -> None:
        elsewhere = {each.url for each in self.requested if not each.url.startswith(f"{self.site}/")}
        assert self.requested and not elsewhere

    def then_nothing_was_missing(self) -> None:
        """Every file that the page asked for was there."""
        files = [each for each in self.answered if not each.request.is_navigation_request()]
        assert files and all(each.status == 200 for each in files)

    def then_over_the_wire_it_weighed_at_most(self, limit: int) -> None:
        """Headers and bodies of all responses, compressed as they came, in bytes."""
        sizes = [each.request.sizes() for each in self.answered]
        assert 0 < sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes) <= limit

    # --- the parts

    def _show(self) -> None:
        self.page.get_by_role("button", name="Show").first.click()

    def _step(self, act: Any) -> None:
        """Do what leads to another page, wait for it, and count it."""
        with self.page.expect_navigation():
            act()
        self.steps += 1

    def _focus(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(_FOCUS)
        return found

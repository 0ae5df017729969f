"""The public pages of money: what leads to them, and what each of them answers."""

from __future__ import annotations

from tests.site.reading import Read


def test_the_first_page_of_money_is_led_to_from_every_page(read: Read) -> None:
    assert "Finance" in read("/")
    assert "Every number on these pages opens" in read("/finance/")

"""What every page of money is made of: pictures, and tables whose numbers open to what they were made of."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from speccom.charts.drawing import Figure
from speccom.finance.explained import say
from speccom.site.core.pages import Number
from speccom.site.insight.presenters import Picture


def picture(figure: Figure, heading: str, notes: tuple[str, ...] = ()) -> Picture:
    """A figure under a heading of its own."""
    return Picture(heading, Markup(figure.wide), Markup(figure.narrow), figure.description, notes)


def opens(value: Decimal | None, unit: str, address: str | None, places: int = 2) -> Number:
    """A number that leads to its explanation: whole pounds (files have the pence), shares in percent to some places."""
    if value is None or unit not in ("share", "£"):
        return Number(say(value, unit), value, True, address)
    if unit == "£":  # over a column of pounds stands their sign
        return Number(_minus(f"{value:,.0f}"), value, True, address)
    return Number(_minus(f"{value * 100:.{places}f}%"), float(value), True, address)


def _minus(said: str) -> str:
    """A true minus sign, and none before a nought."""
    if any(digit in said for digit in "123456789"):
        return said.replace("-", "−")
    return said.removeprefix("-")

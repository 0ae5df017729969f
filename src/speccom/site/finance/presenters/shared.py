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
    """A number that leads to its explanation: pounds to the penny, shares in percent to some places."""
    shown = value
    if value is not None and unit == "share":
        shown = round(value, places + 2)
        said = f"{value * 100:.{places}f}%".replace("-", "−")
        return Number(
            said if any(digit in said for digit in "123456789") else said.lstrip("−"),
            float(value),
            True,
            address,
        )
    return Number(say(shown, unit), value, True, address)

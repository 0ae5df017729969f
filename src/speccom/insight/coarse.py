"""Numbers made so coarse that nothing exact can be had back from them: bands, one figure, whole percents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

SMALL = 7
"""The largest count of patients that is never shown, nor anything made of it alone."""
ROUNDING = 5
SHARES = (0.1, 0.25, 0.5, 0.75)
"""Where bands of shares end."""


def to_nearest(value: float, step: float = ROUNDING) -> float:
    """The nearest multiple of a step, halves up."""
    return math.floor(value / step + 0.5) * step


def one_figure(value: float | None) -> float | None:
    """A number to its first figure: 1,234 is 1,000."""
    if not value:
        return value
    return float(f"{value:.0e}")


def share_band(value: float | None, ends: Sequence[float] = SHARES) -> str | None:
    """The band that a share lies in, in words; a share on an end is in the band above."""
    if value is None:
        return None
    below = [end for end in ends if end <= value]
    above = [end for end in ends if end > value]
    if not below:
        return f"under {above[0]:.0%}"
    return f"{below[-1]:.0%} to {above[0]:.0%}" if above else f"{below[-1]:.0%} or more"


def amount_band(value: float, unit: str = "£") -> str:
    """The band of a size, from 1, 2 or 5 times a power of ten to the next: £2,000 to £5,000. `unit` goes before."""
    size = abs(value)
    if size < 10:
        return f"under {unit}10"
    power = 10.0 ** math.floor(math.log10(size))
    steps = [power, 2 * power, 5 * power, 10 * power]
    low = max(step for step in steps if step <= size * (1 + 1e-12))
    high = next(step for step in steps if step > low)
    return f"{unit}{low:,.0f} to {unit}{high:,.0f}"


def is_small(count: float | Decimal) -> bool:
    """Whether a count of patients is from 1 to 7 (a mean of counts: above none, and below 8)."""
    return 0 < count <= SMALL

"""How every picture looks: widths, colours, patterns, and which ink stands out on what. Draws nothing."""

from __future__ import annotations

WIDE, NARROW = 840, 328
"""Pixels across: a page on a desk, and one on a telephone of 360 less its margins."""

INK, QUIET, GRID = "#1b2a33", "#4a5a63", "#d5dce0"

# Arrangement → colour. Each is at least 4.5:1 against white, and no two are told apart by hue alone:
# bars carry the pattern of the same name, tiles carry a letter.
COLOURS = {
    "delegated": "#0b5d8f",
    "joint": "#b4530a",
    "retained": "#5b3a8c",
    "national": "#1f7a6d",
    "part-joint": "#8a6100",  # some lines of a service are joint, and others retained
    "part-delegated": "#3568b8",
    "none": "#66737a",
}
ACCENT, SECOND = COLOURS["delegated"], COLOURS["joint"]
PATTERNS = {
    COLOURS["joint"]: "M-2,2l4,-4M0,8l8,-8M6,10l4,-4",
    COLOURS["retained"]: "M2,1.2v1.6M6,5.2v1.6",
    COLOURS["national"]: "M2,0v8M6,0v8",
    COLOURS["part-joint"]: "M0,8l8,-8M-2,2l4,-4M6,10l4,-4M0,0l8,8",
    COLOURS["part-delegated"]: "M0,4h8M4,0v8",
    COLOURS["none"]: "M0,2h8M0,6h8",
}


def ink_on(colour: str) -> str:
    """Dark or white, whichever stands out more on a colour."""
    return max(("#ffffff", INK), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as the accessibility guidelines (WCAG 2.2) define it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

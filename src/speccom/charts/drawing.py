"""SVG written by hand, for pictures that a page draws anew at each request: no browser, no grammar.

Colours and sizes are attributes of each shape, never styles: a page's policy may forbid styles in its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from speccom.charts.look import COLOURS, PATTERNS

LETTER = 0.56
"""The width of a letter of ordinary text, as a part of its size."""

WORDS = {
    "delegated": "Delegated",
    "joint": "Joint",
    "retained": "Retained",
    "national": "National",
    "part-joint": "Partly joint",
    "part-delegated": "Partly delegated",
    "none": "Not commissioned",
}
SHORT = {
    "delegated": "Del.",
    "joint": "Joint",
    "retained": "Ret.",
    "national": "Nat.",
    "part-joint": "Jt/Ret",
    "part-delegated": "Del/Ret",
    "none": "–",
}
INITIALS = {
    "delegated": "D",
    "joint": "J",
    "retained": "R",
    "national": "N",
    "part-joint": "J/R",
    "part-delegated": "D/R",
    "none": "–",
}


def picture(key: str, title: str, description: str, width: float, height: float, parts: Iterable[str]) -> str:
    """A whole SVG that says what it shows. `key` begins its ids: letters and hyphens, unique in a page."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{key}-title {key}-desc" '
        f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" font-family="sans-serif">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(description)}</desc>'
    )
    return head + "".join(parts) + "</svg>"


def number(value: float) -> str:
    """A number to a tenth of a pixel, as short as it can be written."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words: str, size: float, ink: str, **attributes: str) -> str:
    """One line of text; `_` in an attribute's name is a hyphen."""
    return element("text", words, x=number(x), y=number(y), font_size=number(size), fill=ink, **attributes)


def element(name: str, words: str | None = None, *inside: str, **attributes: str) -> str:
    """An element with its attributes, its words (made safe) and what it holds."""
    written = "".join(f" {key.replace('_', '-')}={quoteattr(value)}" for key, value in attributes.items())
    held = (escape(words) if words else "") + "".join(inside)
    return f"<{name}{written}>{held}</{name}>" if held else f"<{name}{written}/>"


def patterns(key: str, used: Iterable[str]) -> str:
    """Definitions of the patterns of arrangements, so that colour is never the only sign."""
    made = []
    for arrangement in sorted(set(used)):
        colour = COLOURS[arrangement]
        lines = PATTERNS.get(colour)
        if lines:
            ground = element("rect", width="8", height="8", fill=colour)
            strokes = element(
                "path", d=lines, stroke="#fff", stroke_width="1.4", stroke_opacity="0.3", fill="none"
            )
            made.append(
                element(
                    "pattern",
                    None,
                    ground,
                    strokes,
                    id=f"{key}-{arrangement}",
                    width="8",
                    height="8",
                    patternUnits="userSpaceOnUse",
                )
            )
    return element("defs", None, *made) if made else ""


def fill(key: str, arrangement: str) -> str:
    """What a shape of an arrangement is filled with: its pattern, or its colour where it has none."""
    return f"url(#{key}-{arrangement})" if COLOURS[arrangement] in PATTERNS else COLOURS[arrangement]

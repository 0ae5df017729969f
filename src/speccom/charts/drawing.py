"""SVG written by hand, for pictures that a page draws anew at each request: no browser, no grammar.

Colours and sizes are attributes of each shape, never styles: a page's policy may forbid styles in its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from speccom.charts.look import COLOURS, NARROW, PATTERNS, QUIET, WIDE
from speccom.charts.tables import Table

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


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture in two widths, what it says in words, and the table of the same numbers."""

    key: str
    title: str
    description: str
    wide: str
    narrow: str
    table: Table


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn at one width, and how far down it goes."""

    height: float
    parts: tuple[str, ...]


MADE_UP = "Synthetic data: made up, and about nobody."


def by_hand(
    key: str,
    title: str,
    description: str,
    table: Table,
    drawn_at: Callable[[int, str], Drawn],
    *,
    synthetic: bool,
) -> Figure:
    """A figure from what is drawn at both widths, each with a key of its own for ids; synthetic data says so."""
    told = f"{description} {MADE_UP}" if synthetic else description
    wide, narrow = (
        _marked(f"{key}-{name}", title, told, width, drawn_at(width, f"{key}-{name}"), synthetic)
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    )
    return Figure(key, title, told, wide, narrow, table)


def _marked(key: str, title: str, told: str, width: int, drawn: Drawn, synthetic: bool) -> str:
    mark = [text(0, drawn.height + 16, MADE_UP, 12, QUIET, font_style="italic")] if synthetic else []
    return picture(key, title, told, width, drawn.height + 22 * synthetic, [*drawn.parts, *mark])


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

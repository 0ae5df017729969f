"""A figure: one picture drawn for a wide and for a narrow page, each an SVG that says what it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, TypeAlias

import altair as alt
import vl_convert

from speccom.charts.drawing import Figure
from speccom.charts.look import ACCENT, COLOURS, GRID, INK, NARROW, PATTERNS, QUIET, SECOND, WIDE
from speccom.charts.tables import Table

__all__ = [
    "ACCENT",
    "COLOURS",
    "GRID",
    "INK",
    "NARROW",
    "QUIET",
    "SECOND",
    "WIDE",
    "Chart",
    "Figure",
    "draw",
    "values",
]

Chart: TypeAlias = alt.LayerChart | alt.FacetChart
_SVG = "http://www.w3.org/2000/svg"
_CONFIG = {
    "aria": False,
    "background": None,
    "view": {"stroke": None},
    "font": "sans-serif",  # the one that is measured on every machine; the page sets its own
    "text": {"fontSize": 13, "color": INK},
    "axis": {
        "labelFontSize": 13,
        "labelColor": INK,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titleColor": QUIET,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "legend": {
        "labelFontSize": 13,
        "labelColor": INK,
        "symbolType": "square",
        "symbolSize": 130,
        "title": None,
    },
}


def draw(
    key: str,
    title: str,
    description: str,
    table: Table,
    chart_at: Callable[[int], Chart],
    *,
    hatched: bool = False,
) -> Figure:
    """Draw a chart at both widths. `key` names it in the page: letters and hyphens, unique there.

    `hatched` fills what has an arrangement's colour with its pattern, for bars that a key tells apart.
    """
    wide = _svg(chart_at(WIDE), f"{key}-wide", title, description, hatched)
    narrow = _svg(chart_at(NARROW), f"{key}-narrow", title, description, hatched)
    return Figure(key, title, description, wide, narrow, table)


def values(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Rows to draw, carried in the chart itself: nothing is ever fetched."""
    return alt.InlineData(values=rows)


def _svg(chart: Chart, key: str, title: str, description: str, hatched: bool) -> str:
    drawn = vl_convert.vegalite_to_svg(chart.to_dict(), config=_CONFIG, allowed_base_urls=[])
    ET.register_namespace("", _SVG)
    root = ET.fromstring(drawn)
    _strip(root)
    width, height = root.attrib.pop("width"), root.attrib.pop("height")
    root.attrib.update(
        {
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
            "viewBox": f"0 0 {width} {height}",
            "width": width,
        }
    )
    if hatched:
        _hatch(root, key)
    for place, (name, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{_SVG}}}{name}", {"id": f"{key}-{name}"})
        element.text = text
        root.insert(place, element)
    return ET.tostring(root, encoding="unicode")


def _strip(root: ET.Element) -> None:
    """Drop what a printed picture has no use for: empty paths, class names, roles of parts."""
    for parent in root.iter():
        for name in (
            "class",
            "aria-hidden",
            "aria-roledescription",
            "pointer-events",
            "version",
            "font-family",
        ):
            parent.attrib.pop(name, None)
        if parent is not root:
            parent.attrib.pop("role", None)
        for child in list(parent):
            if child.get("display") == "none" or (
                child.tag.endswith("path") and not child.get("stroke", child.get("fill"))
            ):
                parent.remove(child)


def _hatch(root: ET.Element, key: str) -> None:
    """Fill each arrangement's shapes with its pattern, so that colour is not the only sign."""
    used = {colour for colour in PATTERNS if any(shape.get("fill") == colour for shape in _shapes(root))}
    if not used:
        return
    definitions = ET.Element(f"{{{_SVG}}}defs")
    for number, colour in enumerate(sorted(used)):
        name = f"{key}-pattern-{number}"
        pattern = ET.SubElement(
            definitions,
            f"{{{_SVG}}}pattern",
            {"id": name, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"},
        )
        ET.SubElement(pattern, f"{{{_SVG}}}rect", {"width": "8", "height": "8", "fill": colour})
        lines = {"d": PATTERNS[colour], "stroke": "#fff", "stroke-width": "1.6", "stroke-opacity": "0.75"}
        ET.SubElement(pattern, f"{{{_SVG}}}path", lines)
        for shape in _shapes(root):
            if shape.get("fill") == colour:
                shape.set("fill", f"url(#{name})")
    root.insert(0, definitions)


def _shapes(root: ET.Element) -> list[ET.Element]:
    return [shape for shape in root.iter(f"{{{_SVG}}}path") if shape.get("fill")]

"""A grid of values: names down, codes across, the darker the more, the number written in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import altair as alt

from speccom.charts.figure import INK, NARROW, QUIET, Chart, values
from speccom.charts.tiles import NOTHING, colour_of, ink_on

# Parts of the highest value at which a cell grows darker: small sums stay pale, however many they are.
_STEPS = (0.02, 0.1, 0.3, 0.6)


def matrix(
    down: Sequence[tuple[str, str]],
    across: Sequence[str],
    cells: Mapping[tuple[str, str], tuple[Decimal, str]],
    width: int,
) -> Chart:
    """`down` is (key, name) in order, `across` keys; `cells` gives each pair's value and what to write.

    On a narrow page the key stands for the name, which the table beside gives in full.
    """
    narrow = width <= NARROW
    most = max((float(value) for value, _ in cells.values()), default=0.0)
    bounds = [most * part for part in _STEPS]
    named = {key: key if narrow else name for key, name in down}
    drawn = []
    for key, name in named.items():
        for column in across:
            value, text = cells.get((key, column), (None, ""))
            colour = NOTHING if value is None else colour_of(float(value), bounds)
            drawn.append(
                {"name": name, "column": column, "text": text, "colour": colour, "ink": ink_on(colour)}
            )
    x = alt.X(
        "column:N",
        sort=list(across),
        title=None,
        axis=alt.Axis(orient="top", labelAngle=0, labelFontWeight=600, labelColor=INK),
        scale=alt.Scale(paddingInner=0.05),
    )
    y = alt.Y(
        "name:N",
        sort=list(named.values()),
        title=None,
        axis=alt.Axis(labelLimit=300, labelColor=INK if narrow else QUIET),
        scale=alt.Scale(paddingInner=0.08),
    )
    base = alt.Chart(values(drawn)).encode(x=x, y=y)
    return alt.layer(
        base.mark_rect(cornerRadius=2).encode(color=alt.Color("colour:N", scale=None)),
        base.mark_text(fontSize=10 if narrow else 12).encode(
            text="text:N", color=alt.Color("ink:N", scale=None)
        ),
    ).properties(
        width=width,
        height=max(len(down), 1) * 27,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )

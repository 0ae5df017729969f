"""What everybody may see of a kept need model: nothing observed of few people, and nothing to work it out from."""

from __future__ import annotations

import pyarrow as pa

from speccom.insight.result import Gap, Result

FEWEST = 8
"""Counts from 1 to 7 are not shown to everybody, as everywhere in Speccom."""
_PRIVATE = ("observed", "predicted", "people_behind")
_SHOWN = "observed_over_predicted"
UNKNOWN = "the area table does not say how many patients are behind its costs, so none of it is shown"
NOTE = f"What was observed is shown as a ratio to two places, and only where at least {FEWEST} people are behind it."


def public(result: Result) -> Result:
    """A table of what is left or of calibration, protected: the ratio alone, rounded, and withheld of few people.

    Neither the observed nor the predicted outcome is given, so a ratio cannot be turned back into a count. Other
    tables of a model hold nothing observed of one area and pass as they are, but for the areas that move
    coefficients most, which are not for everybody: ask for none of these.
    """
    table = result.table
    if _SHOWN not in table.column_names:
        return result
    place = table.schema.get_field_index(_SHOWN)
    field = table.schema.field(place)
    gaps = list(result.gaps)
    if "people_behind" in table.column_names:
        rows = table.to_pylist()
        ratios = [round(row[_SHOWN], 2) if row["people_behind"] >= FEWEST else None for row in rows]
    else:
        ratios = [None] * table.num_rows
        gaps.append(Gap("Every row", "observed outcome", UNKNOWN))
    table = table.set_column(place, field, pa.array(ratios, field.type))
    table = table.drop_columns([name for name in _PRIVATE if name in table.column_names])
    return Result(result.title, table, (NOTE, *result.notes), tuple(gaps), result.synthetic)

"""Of which areas the chart of some lines may be seen by everybody: decided on all months held, whatever is charted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.insight.areas import ENGLAND
from speccom.insight.coarse import SMALL
from speccom.insight.heads import heads
from speccom.insight.kept import kept
from speccom.insight.opened import opened, register_hosts
from speccom.insight.public import SECONDARY, public
from speccom.insight.trends import all_months
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import years_held
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

FEW = f"one of its months has 1 to {SMALL} patients, or the lines of some who cannot be told apart"
Numbers = npt.NDArray[np.float64]


def hidden_charts(workspace: Workspace, lines: str, *, register: Register | None = None) -> dict[str, str]:
    """Each area whose chart is withheld, and why; `ENG` is all areas together.

    A chart holds the pounds of each month, so a withheld month would follow from the year on the pages on spend a
    head less the other eleven: a series is shown whole or not at all. Withheld are areas with a small month, those
    that the pages on spend a head withhold in any year (a year is the sum of its months), and then the smallest of
    the others until all together less those shown tells of no small month: whenever one is hidden, the other
    hidden areas have `SMALL` patients or more in that month, so it could be anything from 1 to 7. Where even hiding
    all is not enough, all together is withheld too. Kept for the next who asks. Raises `InsightError` and
    `LedgerError`.
    """
    manifest, known = require_manifest(workspace), register or Register.load(workspace)

    def make() -> list[pa.Table]:
        hidden = _hidden(workspace, lines, years_held(manifest), known)
        return [
            pa.table({"area": pa.array(hidden, pa.string()), "why": pa.array(hidden.values(), pa.string())})
        ]

    [found] = kept(workspace, manifest, known, "charts", {"lines": lines}, make)
    return {str(row["area"]): str(row["why"]) for row in found.to_pylist()}


def _hidden(
    workspace: Workspace, lines: str, years: Sequence[FinancialYear], register: Register
) -> dict[str, str]:
    with opened(workspace, lines, years, None, register) as asked:
        areas, patients, active = all_months(asked)
    hidden = {area: FEW for area, row in zip(areas, _small(patients, active), strict=True) if row.any()}
    for year in years:
        with opened(workspace, lines, [year], None, register) as of_year:
            register_hosts(of_year)
            shown = public(of_year, list(heads(of_year).people))
        hidden |= {
            area: SECONDARY for area, count in shown.boards.items() if count.withheld and area not in hidden
        }
    return _complemented(areas, patients, active, hidden)


def _small(patients: Numbers, active: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Months with something in them, of few patients or of none that can be told apart."""
    return active & (patients <= SMALL)


def _complemented(
    areas: list[str], patients: Numbers, active: npt.NDArray[np.bool_], hidden: Mapping[str, str]
) -> dict[str, str]:
    """The hidden areas with those that must be hidden so that the rest tell of none of them."""
    told = dict(hidden)
    parts = [place for place, area in enumerate(areas) if area != ENGLAND]
    order = sorted(parts, key=lambda place: (patients[place].sum(), areas[place]))
    while ENGLAND not in told and not _safe(
        patients, active, [each for each in parts if areas[each] in told]
    ):
        following = next((place for place in order if areas[place] not in told), None)
        told[areas[following] if following is not None else ENGLAND] = SECONDARY
    return told


def _safe(patients: Numbers, active: npt.NDArray[np.bool_], hidden: list[int]) -> bool:
    """Whether in each month the hidden areas other than any small one have patients enough to stand in for it."""
    if not hidden:
        return True
    held = np.where(active[hidden], patients[hidden], 0.0)
    others = held.sum(axis=0) - held
    small = _small(patients, active)[hidden]
    alone = active[hidden].sum(axis=0) == 1
    return bool((others[small] >= SMALL).all()) and not alone.any()

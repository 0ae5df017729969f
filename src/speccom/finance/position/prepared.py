"""What the page of positions shows first, worked out at the end of a build, so that no visitor waits for it."""

from __future__ import annotations

from speccom.finance.position.everybody import everybody
from speccom.finance.position.months import last_month, months_held
from speccom.finance.position.shown import shown_of_all
from speccom.finance.position.shown_challenges import challenges_of_all
from speccom.register import Register
from speccom.workspace import Workspace


def prepare(workspace: Workspace, register: Register) -> None:
    """Keep what may be shown of each year that is held, and everybody's position at the last month."""
    months = months_held(workspace)
    for year in sorted({month.year for month in months}, reverse=True):
        shown_of_all(workspace, register, year)
        challenges_of_all(workspace, register, year)
    if months:
        everybody(workspace, register, last_month(workspace))

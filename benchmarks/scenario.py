"""A scenario of a national year from the summaries of its build, against reading its bases and against seconds."""

from __future__ import annotations

import json
from dataclasses import replace

from benchmarks import Ratio, median_seconds
from benchmarks._workspaces import built
from speccom.finance.bases import money_of
from speccom.finance.scenarios import Scenario, parse, run, shipped
from speccom.finance.scenarios.chances import chances
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import years_held
from speccom.register import Register
from speccom.workspace import Workspace

SECONDS = 5.0
# Against the pounds of every host and home by pot: the same reading, then moving, sharing over three years and
# sharing again without the changes.
LIMIT = 4.0


def main(lines: int) -> list[Ratio]:
    """What a scenario with mergers and a delegation within a month takes, its chances told apart."""
    return measure(*built(lines))


def measure(workspace: Workspace, name: str) -> list[Ratio]:
    """The ratios of one workspace with its ledger, of its last year."""
    year = years_held(require_manifest(workspace))[-1]
    register, asked = Register.load(), replace(_scenario(), base_year=year)
    found = run(workspace, asked, register)
    reference = median_seconds(lambda: money_of(workspace, [year], register=register))
    seconds = median_seconds(lambda: run(workspace, asked, register))
    steady = median_seconds(lambda: chances(workspace, found), runs=1)
    return [
        Ratio(f"a scenario of three years, {name}", seconds, SECONDS, 1),
        Ratio(f"the same ÷ reading both bases, {name}", seconds, reference, LIMIT),
        Ratio(f"chances before and after of {len(chances(workspace, found))} lines", steady, SECONDS, 1),
    ]


def _scenario() -> Scenario:
    """The mergers of April 2026 and two retained lines delegated in the middle of a month."""
    told = json.loads(shipped()["april-2026-mergers"].canonical)
    told |= {"years": 3, "money": {"growth": 0.04}, "pace": {"k": 0.2, "cmax": 0.01}}
    told["changes"].append(
        {"change": "delegate", "lines": ["NCBPS01P", "NCBPS01L"], "areas": "all", "on": "2026-10-16"}
    )
    return parse(json.dumps(told))

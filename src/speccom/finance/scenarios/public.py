"""Whether a scenario may be shown to everybody: no change may tell what few people cost, alone or beside another.

Decided before anything is told, of each line and board by itself, so that no two scenarios that may be shown differ
by what few people cost. Where that cannot be told from counts the scenario is refused.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

import pyarrow as pa

from speccom.engine import run_steps
from speccom.finance.bases.placing import register_places
from speccom.finance.bases.public import EVERY, PERSON_SEEN, Hidden
from speccom.finance.scenarios.file import ScenarioError
from speccom.finance.scenarios.run import Ran
from speccom.insight.areas import NOT_A_BOARD
from speccom.ledger.manifest import Manifest
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear
from speccom.workspace import Workspace, write_atomically

WITHHELD = (
    "it may tell what seven people or fewer cost, or such a sum could be worked out from it and another scenario. "
    "An analyst who holds the data can run it: speccom scenario --help."
)


class ScenarioWithheld(ScenarioError):
    """A scenario whose result is not for everybody."""

    code = "scenario_withheld"


def withheld_boards(
    workspace: Workspace, manifest: Manifest, year: FinancialYear, hidden: Callable[[], Hidden]
) -> frozenset[str]:
    """The boards of which pages withhold what they share or all that their people cost, in a base year.

    `hidden` tells it from every person of the year, which takes a while: the answer is kept in the workspace beside
    scenarios, under the content of the ledger's year and the register, and is asked for once.
    """
    of_year = next(each.fingerprint for each in manifest.summaries if each.financial_year == year.code)
    path = workspace.root / "finance" / "withheld" / f"{of_year[:32]}-{manifest.snapshot}.json"
    if path.is_file():
        return frozenset(json.loads(path.read_text(encoding="utf-8")))
    held = hidden()
    lost = {area for side, pot, area in held.pots if side == "home" and pot in ("delegated", "joint")}
    lost |= {area for side, area in held.totals if side == "home" and area not in NOT_A_BOARD}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(sorted(lost)).encode())
    return frozenset(lost)


def check_public(workspace: Workspace, ran: Ran, lost: Collection[str]) -> None:
    """Refuse a scenario that is not for everybody; `lost` are the boards of which the base year's sums are withheld.

    Raises `ScenarioWithheld`: for a change within a year (two of them differ by a month's money), for a line of
    which a board has few people, for a board divided by its sub-ICB locations, and where the base year's own sums
    by board are withheld.
    """
    for each in ran.moves:
        days = [each.move.on, *([each.move.until] if each.move.until else [])]
        if any((day.month, day.day) != (4, 1) for day in days):
            raise ScenarioWithheld(
                f"Change {each.number} begins or ends within a year, so it is not shown here: from two such days "
                "the money of a single month could be worked out. Let it begin on 1 April, or run it with the command."
            )
    if ran.boards.placed:
        raise ScenarioWithheld(
            "A board is divided by its sub-ICB locations, so it is not shown here: pages tell of boards alone. Leave "
            "members, or the weights of such a board, out."
        )
    if lost:
        raise ScenarioWithheld(
            f"What boards share in {ran.scenario.base_year} is withheld for {len(lost)} of them, so no "
            f"scenario of it is shown here: {WITHHELD}"
        )
    few = sorted(_of_few(workspace, ran, {line for each in ran.moves for line in each.lines}))
    if few:
        raise ScenarioWithheld(
            f"Some board has few people of {', '.join(few[:6])}{f' and {len(few) - 6} more' if len(few) > 6 else ''}, "
            f"so this is not shown here: {WITHHELD} Choose other lines."
        )


def _of_few(workspace: Workspace, ran: Ran, lines: Iterable[str]) -> set[str]:
    """The lines of which some board has money that may be of seven people or fewer.

    Lines of activity of eight people at least are more than those of the seven people with the most.
    """
    wanted = sorted(lines)
    if not wanted:
        return set()
    text = pa.string()
    with summaries(workspace, [ran.scenario.base_year]) as (engine, _):
        register_places(engine, ran.register, None)
        pools = [*wanted, *[EVERY] * len(wanted)]  # every line is a pool of its own, and of all together
        engine.register(
            "line_pool", pa.table({"service_line": pa.array(wanted * 2, text), "pool": pa.array(pools, text)})
        )
        engine.step("person_home", "select icb, home, max(board) as area from home_place group by icb, home")
        engine.step("person_host", "select provider, max(region) as area from host_place group by provider")
        run_steps(engine, "speccom.finance.bases", [*PERSON_SEEN, "heaviest"], kept=frozenset(PERSON_SEEN))
        run_steps(engine, __package__, ["scenario_lines"])
        heaviest = {
            (row["side"], row["pool"], row["area"]): int(row["lines"])
            for row in engine.fetch("select * from heaviest").to_pylist()
            if row["side"] in ("home", "host")
        }
        held: dict[tuple[str, str, str], int] = defaultdict(int)
        for row in engine.fetch("select * from scenario_lines").to_pylist():
            if row["home"] not in NOT_A_BOARD:
                held["home", row["service_line"], row["home"]] += int(row["lines"])
            held["host", row["service_line"], row["host"]] += int(row["lines"])
    return {key[1] for key, number in held.items() if number and number <= heaviest.get(key, number)}

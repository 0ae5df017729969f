"""The commands `decision` and `replay`: what a decision would change, and the real ones made again."""

from __future__ import annotations

import json
import os
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.ledger import choose_format
from speccom.cli.output import SYNTHETIC, file_name, write_table, write_workbook
from speccom.cli.serve import site
from speccom.errors import CheckFailed
from speccom.period import long_date
from speccom.register import Register
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.ledger.effect import Effect
    from speccom.register.decided import Preview
    from speccom.register.replay import Difference

FORMATS = ("text", "csv", "xlsx", "json")
ANSWERS = "answers"
_SHOWN = 20


def add_commands(app: typer.Typer) -> None:
    """Add `decision` and `replay`."""
    decision_app = typer.Typer(help="Decisions that would change the register.", no_args_is_help=True)

    @decision_app.callback()
    def decision() -> None:
        pass

    decision_app.command("preview")(preview)
    decision_app.command("effects")(effects)
    app.add_typer(decision_app, name="decision")
    app.command("replay")(replay)


def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The decision, as JSON.")],
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx or json.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
    ] = None,
    show: Annotated[
        str,
        typer.Option(
            "--show",
            metavar="TABLE",
            help="One table: answers, or of the ledger totals, passages, balances, moves, contracts or stays.",
        ),
    ] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """What adopting a decision would change: answers of the register, and people and money of the ledger.

    Adopts nothing. Answers are by day, line and area; people, money and contracts are those of the latest
    whole year of the ledger. CSV and JSON hold one table, by default the answers; a workbook holds them all.
    """
    from speccom.ledger.effect import TABLES, effect_of
    from speccom.register import decided

    choose_format(format, FORMATS)
    if show not in ("", ANSWERS, *TABLES):
        raise typer.BadParameter(f"{show!r} is no table: choose from {', '.join((ANSWERS, *TABLES))}.")
    located = Workspace.locate(workspace)
    found = decided.preview(Register.load(located), decided.read(file))
    title = f"What {found.decision.decision_id} would change"
    one = show or (ANSWERS if format in ("csv", "json") or (output is not None and format == "text") else "")
    if one == ANSWERS:
        write_table(found.answers, format, output, title=title, synthetic=False, notes=[found.decision.title])
        return
    effect = effect_of(located, found)
    notes = [found.decision.title, *effect.scope, *effect.gaps]
    if one:
        table: pa.Table = getattr(effect, one)
        write_table(table, format, output, title=f"{title}: {one}", synthetic=effect.synthetic, notes=notes)
    elif format == "xlsx":
        path = output or Path(file_name(title, "xlsx", synthetic=effect.synthetic))
        sheets = [(ANSWERS, found.answers), *((name, getattr(effect, name)) for name in TABLES)]
        write_workbook(path, sheets, title=title, synthetic=effect.synthetic, notes=notes)
        print(f"Written: {path}", file=sys.stderr)
    else:
        _say(found)
        _say_effect(effect)


def effects() -> None:
    """The kinds of effect that a decision may have, and the words of each, as JSON."""
    from speccom.register.decided import EFFECTS

    told = {name: {"meaning": each.words, "takes": dict(each.takes)} for name, each in EFFECTS.items()}
    print(json.dumps(told, ensure_ascii=False, indent=2))


def replay(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", metavar="DIR", help="Where to keep the replayed register (default: nowhere)."
        ),
    ] = None,
    register_only: Annotated[
        bool,
        typer.Option(
            "--register-only", help="Adopt without the site: no drafts, approvals or audit table, and faster."
        ),
    ] = False,
) -> None:
    """Make the real decisions of 2022 to 2026 again on a register of July 2022; compare with the shipped one.

    Each decision is drafted, approved by two and adopted by the acts of the site, in a site of its own. Ends
    with 1 where any answer differs: of any line in any area on any day, as known now or then.
    """
    if workspace is not None:
        _replay(Workspace(workspace.resolve()), register_only)
        return
    with TemporaryDirectory(prefix="speccom-") as directory:
        _replay(Workspace(Path(directory, "replayed")), register_only)


def _replay(workspace: Workspace, register_only: bool) -> None:
    from speccom.register import replay as replaying

    if register_only:
        differences = replaying.replay(workspace, _say)
    else:
        replaying.begin(workspace)
        _through_site(workspace)
        differences = replaying.differences(workspace)
    if differences:
        _say_differences(differences)
        raise typer.Exit(CheckFailed.exit_code)
    print(
        "The replayed register answers as the shipped one: every line, every area, every day, as known then."
    )


def _through_site(workspace: Workspace) -> None:
    """Enter every decision by the acts of the site, in a database that lies in the workspace."""
    from speccom.register.replay import sequence

    os.environ.pop("DATABASE_URL", None)  # never the site that somebody serves
    site(workspace, make=True)
    from speccom.site.audit.actions import verify
    from speccom.site.decisions.entering import enter

    entered = enter(sequence(), _say)
    rows = verify().entries
    print(
        f"{entered} decisions were drafted, approved by two and adopted; the audit table holds {rows} rows."
    )


def _say(found: Preview) -> None:
    decision = found.decision
    print(f"{decision.decision_id}  {decision.body}, {long_date(decision.made_on)}: {decision.title}")
    if not found.days:
        print("  On record; no answer changes.")
    parts = (
        found.answers.group_by(["on", "part", "before", "after"]).aggregate([([], "count_all")]).to_pylist()
    )
    for day in found.days:
        rows = [row for row in parts if row["on"] == day]
        changed = sum(row["count_all"] for row in rows)
        print(f"  {long_date(day)}: {len(found.facts):,} facts; {changed:,} parts of answers change")
        passed = (row for row in rows if row["part"] == "arrangement")
        for row in sorted(passed, key=lambda row: -row["count_all"]):
            before, after = row["before"] or "no answer", row["after"] or "no answer"
            print(f"    {row['count_all']:>7,} lines × areas from {before} to {after}")


def _say_effect(effect: Effect) -> None:
    print()
    if effect.synthetic:
        print(SYNTHETIC)
    for line in (*effect.scope[:1], *effect.gaps):
        print(line)
    for row in effect.totals.to_pylist():
        if not row["records"]:
            print(f"  {long_date(row['on'])}: no money passes from one commissioner to another")
            continue
        print(
            f"  {long_date(row['on'])}: £{_pounds(row['pounds'])} passes, with {_many(row['patients'], 'patient')}, "
            f"in {_many(row['service_lines'], 'service line')} of {_many(row['areas'], 'area')} "
            f"at {_many(row['providers'], 'provider')}"
        )
        if row["pounds_unplaced"]:
            print(f"    of these service lines £{_pounds(row['pounds_unplaced'])} more cannot be placed")
        print(
            f"    {_many(row['contracts_begin'], 'contract')} of a provider with a commissioner would begin, "
            f"{row['contracts_end']:,} end"
        )
    largest = sorted(effect.passages.to_pylist(), key=lambda row: (row["on"], -row["pounds"]))
    for row in largest[:_SHOWN]:
        print(
            f"    {long_date(row['on'])}: £{_pounds(row['pounds'])} from {row['from_name']} to {row['to_name']}"
        )
    if len(largest) > _SHOWN:
        print(f"    and {len(largest) - _SHOWN:,} more: use --show passages")
    for note in effect.scope[1:]:
        print(note)


def _many(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def _pounds(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def _say_differences(differences: list[Difference]) -> None:
    print(f"{len(differences):,} answers differ from the shipped register:", file=sys.stderr)
    for each in differences[:_SHOWN]:
        known = f", as known on {each.known}" if each.known else ""
        print(
            f"  {each.line} {each.area} on {each.on}{known}: {each.part} is {each.replayed or 'none'}, "
            f"shipped {each.shipped or 'none'}",
            file=sys.stderr,
        )

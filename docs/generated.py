"""Fills the reference pages from the code, so that a table here cannot say what the program does not do.

A page asks with a comment of its own line: `<!-- generated: NAME [ARGUMENTS] -->`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_ASKED = re.compile(r"^<!-- generated: (\w+)((?: [\w./-]+)*) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """mkdocs calls this with each page's text."""
    return _ASKED.sub(lambda asked: PARTS[asked[1]](*asked[2].split()), markdown)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def checks(severity: str) -> str:
    """The checks of one severity: `reject-file`, `reject-record` or `warn`."""
    from speccom.contracts.checks import all_checks

    found = [check for check in all_checks().values() if check.severity == severity.replace("-", " ")]
    rows = (
        [
            f"`{check.code}`",
            check.field.replace("_", " "),
            check.message,
            check.what_to_do,
            _sets(check.data_sets),
        ]
        for check in found
    )
    return table(["code", "field", "the value or file …", "what to do", "data sets"], rows)


def _sets(data_sets: frozenset[str]) -> str:
    return "all" if len(data_sets) == 4 else ", ".join(sorted(data_sets))


def fields(data_set: str) -> str:
    """The fields of a data set, with how each column of the table was established."""
    rows = [row for row in _content("speccom.contracts", "fields.csv") if row["data_set"] == data_set]
    kept = [name for name in rows[0] if name not in ("data_set", "group", "column")]
    return table([name.replace("_", " ") for name in kept], ([row[name] for name in kept] for row in rows))


def step(package: str, name: str) -> str:
    """A SQL step as it runs."""
    text = files(f"speccom.{package}").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return f"```sql\n{text.strip()}\n```"


def spec(name: str) -> str:
    """A page of worked examples that the tests read too, its headings one level down."""
    text = (ROOT / "tests" / "spec" / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"^#", "##", text, flags=re.MULTILINE)


def reasons() -> str:
    rows = _content("speccom.charts", "reasons.csv")
    return table(
        ["step", "name", "what it means"], ([f"`{r['step']}`", r["name"], r["sentence"]] for r in rows)
    )


def columns(module: str, name: str) -> str:
    """The columns of one analysis, with unit and meaning; of insight, or of the package that a dot names."""
    held = getattr(import_module(f"speccom.{module if '.' in module else f'insight.{module}'}"), name)
    return table(
        ["column", "unit", "meaning"], ([f"`{key}`", each.unit, each.meaning] for key, each in held.items())
    )


def content(package: str, name: str) -> str:
    """A table of a package's content as it ships."""
    rows = _content(f"speccom.{package}", f"{name}.csv")
    return table([key.replace("_", " ") for key in rows[0]], (list(row.values()) for row in rows))


def coverage() -> str:
    """How many facts the register holds of each kind, by confidence."""
    counted: Counter[tuple[str, str]] = Counter()
    for path in sorted(
        files("speccom.register").joinpath("content", "facts").iterdir(), key=lambda each: each.name
    ):
        with path.open(encoding="utf-8") as handle:
            counted.update(
                (path.name.removesuffix(".csv"), row["confidence"]) for row in csv.DictReader(handle)
            )
    words = ("stated", "inferred", "recalled")
    kinds = dict.fromkeys(kind for kind, _ in counted)
    return table(
        ["facts about", *words],
        ([kind.replace("_", " "), *(f"{counted[kind, w]:,}" for w in words)] for kind in kinds),
    )


def commands() -> str:
    """Every command with its help, as the terminal shows it."""
    import typer

    from speccom.cli import _app

    command = typer.main.get_command(_app(None))
    parts = []
    for name, each in command.commands.items():  # type: ignore[attr-defined]
        for path, leaf in _leaves([name], each):
            context = leaf.make_context(f"speccom {path}", [], resilient_parsing=True)
            parts.append(f"## speccom {path}\n\n```\n{leaf.get_help(context).strip()}\n```")
    return "\n\n".join(parts)


def _leaves(path: list[str], command: Any) -> Iterable[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield " ".join(path), command
        return
    for name, each in inner.items():
        yield from _leaves([*path, name], each)


def _content(package: str, name: str) -> list[dict[str, str]]:
    text = files(package).joinpath("content", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def position_columns() -> str:
    """The columns of a position with its forecast."""
    from speccom.finance.position.table import COLUMNS

    rows = ([f"`{name}`", column.unit, column.meaning] for name, column in COLUMNS.items())
    return table(["column", "unit", "meaning"], rows)


def contract_forms() -> str:
    """The contract forms, what each needs, and what is due under it."""
    from speccom.finance.position.forms import forms

    rows = (
        [
            f"`{form.form}`",
            form.name,
            ", ".join(f"`{name}`" for name in form.needs),
            ", ".join(f"`{name}`" for name in form.may_have),
            form.due,
            f"{form.source} ({form.confidence})",
        ]
        for form in forms().values()
    )
    return table(["form", "name", "needs", "may have", "due", "from"], rows)


def low_volume() -> str:
    """The thresholds of low-volume activity by year."""
    from speccom.finance.position.low_volume import rules
    from speccom.period import FinancialYear

    rows = (
        [
            FinancialYear.containing(rule.interval.start),
            f"£{rule.threshold:,.0f}",
            rule.years_averaged,
            f"{rule.source} ({rule.confidence})",
        ]
        for rule in rules()
    )
    return table(["year", "expected yearly value up to", "years averaged", "from"], rows)


def roles() -> str:
    """Every role as it describes itself."""
    from speccom.site.accounts.roles import KINDS, ROLES

    rows = (
        [
            role.name,
            f"`{role.key}`",
            ", ".join(KINDS[kind] for kind in role.at),
            "; ".join(role.may),
            role.sees,
        ]
        for role in ROLES.values()
    )
    return table(["role", "`--role`", "held at a", "may", "sees"], rows)


def permissions() -> str:
    """Which roles hold each permission."""
    from speccom.site.accounts.roles import ROLES

    every = sorted({each for role in ROLES.values() for each in role.permissions})
    rows = (
        [f"`{each}`", *("yes" if each in role.permissions else "" for role in ROLES.values())]
        for each in every
    )
    return table(["permission", *(role.name for role in ROLES.values())], rows)


def readiness_course() -> str:
    """The states of an assessment and the moves between them, as a picture."""
    from speccom.charts.courses import Arrow, course
    from speccom.readiness.tables import moves, sides, states

    by = {"icb": "by the board's lead", "region": "by the regional team", "national": "by the national team"}
    arrows = [
        Arrow(move.name, move.from_state, move.to_state, by[sides()[move.side].kind])
        for move in moves().values()
    ]
    return f"<figure>{course({key: each.name for key, each in states().items()}, arrows)}</figure>"


def readiness_moves() -> str:
    """Every move of an assessment: from where, to where, who may make it, and what it does."""
    from speccom.readiness.tables import moves, sides, states
    from speccom.site.accounts.roles import KINDS, ROLES

    rows = (
        [
            move.name,
            states()[move.from_state].name,
            states()[move.to_state].name,
            ", ".join(
                role.name
                for role in ROLES.values()
                if move.permission in role.permissions and sides()[move.side].kind in role.at
            )
            + f" ({KINDS[sides()[move.side].kind]})",
            move.meaning,
        ]
        for move in moves().values()
    )
    return table(["move", "from", "to", "who may", "what it does"], rows)


def decision_moves() -> str:
    """The states of a decision in the making and the moves between them, drawn and as a table."""
    from speccom.site.accounts.roles import ROLES
    from speccom.site.decisions.states import MOVES, STATES

    def by(permission: str) -> str:
        who = ", ".join(role.name for role in ROLES.values() if permission in role.permissions)
        return who or "the site itself"

    rows = [
        (STATES[start] if start else "Nothing yet", move.words, STATES[move.to], by(move.permission), name)
        for name, move in MOVES.items()
        for start in move.from_ or ("",)
    ]
    wide = [max(len(row[place]) for row in rows) for place in (0, 1)]
    drawn = "\n".join(f"{row[0]:<{wide[0]}} ── {row[1] + ' ':─<{wide[1] + 1}}─▶ {row[2]}" for row in rows)
    told = ([*row[:4], f"`decisions.{row[4]}`"] for row in rows)
    return f"```\n{drawn}\n```\n\n" + table(["from", "move", "to", "who", "in the audit table"], told)


def portfolio_course() -> str:
    """The states of a portfolio review and the moves between them, as a picture that its tables draw."""
    from speccom.charts.courses import Arrow, course
    from speccom.portfolio.course import WITHDRAWN, moves, states

    arrows = [Arrow(move.name, move.from_state, move.to_state) for move in moves() if move.from_state]
    return f"<figure>{course({key: each.name for key, each in states().items()}, arrows, WITHDRAWN)}</figure>"


def portfolio_moves() -> str:
    """Every move of a portfolio review: from where, to where, who may make it, and what it does."""
    from speccom.portfolio.course import moves, states
    from speccom.site.accounts.roles import ROLES

    rows = (
        [
            move.name,
            states()[move.from_state].name if move.from_state else "–",
            states()[move.to_state].name,
            ", ".join(role.name for role in ROLES.values() if move.permission in role.permissions),
            move.meaning,
        ]
        for move in moves()
    )
    return table(["move", "from", "to", "who may", "what it does"], rows)


PARTS: dict[str, Callable[..., str]] = {
    "position_columns": position_columns,
    "contract_forms": contract_forms,
    "low_volume": low_volume,
    "checks": checks,
    "fields": fields,
    "step": step,
    "spec": spec,
    "reasons": reasons,
    "columns": columns,
    "content": content,
    "coverage": coverage,
    "commands": commands,
    "roles": roles,
    "permissions": permissions,
    "decision_moves": decision_moves,
    "readiness_course": readiness_course,
    "readiness_moves": readiness_moves,
    "portfolio_course": portfolio_course,
    "portfolio_moves": portfolio_moves,
}

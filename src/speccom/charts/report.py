"""One self-contained page of results: what was received, who pays, what was challenged, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TypeAlias

from speccom.charts import areas, challenged, compared, spend
from speccom.charts.figure import Figure
from speccom.charts.results import Results
from speccom.charts.tables import Column, Table, records, total, write_out
from speccom.charts.words import count, pounds_in_full, pounds_short, reasons, share
from speccom.period import Month

_FOLD_AFTER = 20
"""A longer table is folded away until it is asked for."""
_STATES = {
    "received": "Received",
    "ledger": "In the ledger",
    "quarantined": "In quarantine",
    "superseded": "Superseded by a later file",
}
_SEVERITIES = {
    "reject file": "File refused",
    "reject record": "Kept out of the ledger",
    "warn": "Kept, with a warning",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement that must hold, and whether it does."""

    verdict: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Citations:
    """A list of (text, address) for a reader to follow."""

    citations: Sequence[tuple[str, str]]


Block: TypeAlias = str | Figure | Table | Verdict | Citations


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the report and what stands under it, in order."""

    key: str
    heading: str
    blocks: Sequence[Block]


def render(results: Results) -> str:
    """The report as one HTML page that fetches nothing."""
    return page(
        synthetic=results.synthetic,
        title=f"Who pays for specialised services, {_period(results.months)}",
        standfirst=_standfirst(results),
        made=f"Built {results.built:%-d %B %Y at %H:%M} UTC from register {results.snapshot}",
        keys=_keys(results),
        sections=_sections(results),
    )


def page(
    *,
    synthetic: bool,
    title: str,
    standfirst: str,
    made: str,
    keys: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    css: str = "",
    fold_after: int = _FOLD_AFTER,
) -> str:
    """Sections under a title, a sentence and a few numbers, as one HTML page that fetches nothing.

    `css` comes after the report's own; tables longer than `fold_after` rows are folded away.
    """
    import jinja2
    from markupsafe import Markup

    template = jinja2.Environment(
        loader=jinja2.PackageLoader("speccom.charts", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("report.html")
    return template.render(
        synthetic=synthetic,
        css=Markup(stylesheet("report") + css),
        fold_after=fold_after,
        title=title,
        standfirst=standfirst,
        made=made,
        keys=keys,
        sections=sections,
    )


def stylesheet(name: str) -> str:
    """One of the style sheets beside the templates."""
    return resources.files("speccom.charts").joinpath("templates", f"{name}.css").read_text(encoding="utf-8")


def _period(months: Sequence[Month]) -> str:
    """`2025/26 months 1 to 6`; years apart by a semicolon, gaps by commas."""
    years = []
    for year in sorted({month.year for month in months}):
        numbers = sorted(month.number for month in months if month.year == year)
        runs: list[list[int]] = []
        for number in numbers:
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        spans = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
        years.append(f"{year} month{'s' if len(numbers) > 1 else ''} {', '.join(spans)}")
    return "; ".join(years) or "no months"


def _standfirst(results: Results) -> str:
    rows = records(results.by_arrangement)
    specialised, spent = spend.of_specialised(rows), total(rows, "actual")
    delegated = sum((row["actual"] for row in rows if row["arrangement"] == "delegated"), Decimal(0))
    lines, cost = _challenged(results)
    return (
        f"{count(results.providers)} providers sent {count(results.receipts)} files. "
        f"{count(results.accounted.rows['ledger'])} lines stand in the ledger; those at patient level come "
        "to "
        f"{pounds_short(spent)}, of which {pounds_short(specialised)} is specialised and "
        f"{pounds_short(delegated)} delegated to ICBs. {count(lines)} lines, worth {pounds_short(cost)}, "
        "name another payer or category than the rules assign."
    )


def _keys(results: Results) -> list[tuple[str, str]]:
    spent = total(records(results.by_arrangement), "actual")
    _, cost = _challenged(results)
    return [
        (pounds_short(spent), "actual spend, patient level"),
        (count(sum(row["lines"] for row in records(results.by_arrangement))), "lines at patient level"),
        (count(results.patients), "patients, each counted once"),
        (pounds_short(cost), f"challenged, {share(cost, spent)} of spend"),
    ]


def _challenged(results: Results) -> tuple[int, Decimal]:
    rows = records(results.challenged)
    return sum(row["lines"] for row in rows), total(rows, "cost")


def _sections(results: Results) -> list[Section]:
    """The report's table of contents; the order is that of the questions a reader asks."""
    return [
        Section("conserved", "Everything received is accounted for", _conserved(results)),
        Section(
            "who-pays",
            "Who pays",
            [spend.by_payer(results.by_payer), spend.by_arrangement(results.by_arrangement)],
        ),
        Section("areas", "For whose people", areas.by_area(results.by_area, results.areas, results.areas_on)),
        Section("challenges", "What was challenged", _challenges(results)),
        Section("checks", "What the checks found", _checks(results)),
        Section(
            "bases", "Where care is given and whose care it is", [compared.host_and_population(results.bases)]
        ),
        Section("months", "Plan and actual", [compared.plan_and_actual(results.by_month)]),
        Section("reconciliation", "Do the returns agree", _reconciliation(results)),
        Section("services", "What it is spent on", [spend.by_line(results.by_line)]),
        Section("reasons", "What the reason codes mean", _reasons()),
        Section("method", "Sources and method", _method(results)),
    ]


def _conserved(results: Results) -> list[Block]:
    accounted = results.accounted
    written = write_out(
        "Where every received row and pound is",
        [Column("State"), Column("Rows", "count"), Column("Submitted cost (£)", "pounds in full")],
        [[words, accounted.rows[state], accounted.cost[state]] for state, words in _STATES.items()],
    )
    equation = (
        f"{count(accounted.rows['received'])} rows received = {count(accounted.rows['ledger'])} in the "
        "ledger + "
        f"{count(accounted.rows['quarantined'])} quarantined + {count(accounted.rows['superseded'])} "
        "superseded, "
        f"and £{pounds_in_full(accounted.cost['received'])} likewise"
    )
    verdict = Verdict(
        f"{equation}: it holds to the last decimal."
        if accounted.conserved
        else f"{equation}: it does not hold, and this report must not be used.",
        accounted.conserved,
    )
    unread = (
        f"{count(accounted.unread_costs)} costs could not be read; they add nothing and their rows are "
        "counted."
        if accounted.unread_costs
        else "Every cost could be read."
    )
    note = (
        "Providers restate the year to date every month, so a later file supersedes the months that it "
        "covers. "
        "The ledger holds the aggregate returns beside the patient-level lines; no sum in this report adds "
        "the two."
    )
    return [verdict, written, f"{unread} {note}"]


def _challenges(results: Results) -> list[Block]:
    if not results.challenged.num_rows:
        return ["No line names another commissioner or category than the rules assign."]
    return [
        "A challenge is a line whose submitted commissioner or service category differs from the one that "
        "the "
        "decision table assigns. It is a question to the provider, not a finding of fault. The workbook and "
        "the "
        "CSV files beside this report list every one by receipt and row.",
        challenged.by_reason(results.challenged),
        challenged.by_provider(results.challenged),
    ]


def _checks(results: Results) -> list[Block]:
    if not results.found:
        return ["Every check ran and none found anything."]
    order = list(_SEVERITIES)
    found = sorted(results.found, key=lambda each: (order.index(each.severity), -each.rows, each.code))
    return [
        "A row can be found by several checks. A file that was received again counts each time it was sent.",
        write_out(
            "Findings by check, over all receipts",
            [
                Column("What was found"),
                Column("Rows", "count"),
                Column("What was done"),
                Column("Check", "code"),
            ],
            [[each.message, each.rows, _SEVERITIES[each.severity], each.code] for each in found],
        ),
    ]


def _reconciliation(results: Results) -> list[Block]:
    rows = records(results.reconciled)
    compared = sum(row["keys"] for row in rows)
    differing = sum(row["differing"] for row in rows)
    return [
        "The aggregate return of a provider should equal its patient-level lines of activity, drugs and "
        "devices, for each commissioner, category, service line and month. Differences are reported and "
        "never forced.",
        f"{count(compared - differing)} of {count(compared)} totals agree to the last decimal "
        f"({share(compared - differing, compared)}).",
        _reconciled(results),
    ]


def _reconciled(results: Results) -> Table:
    rows = sorted(
        records(results.reconciled), key=lambda row: (-abs(row["difference"] or 0), row["provider"] or "")
    )
    return write_out(
        "Aggregate and patient-level returns by provider, in pounds, the widest difference first",
        [
            Column("Provider"),
            Column("Code", "code"),
            Column("Aggregate (ACM)", "pounds"),
            Column("Patient level", "pounds"),
            Column("Difference", "pounds"),
            Column("Totals compared", "count"),
            Column("Totals that differ", "count"),
        ],
        [
            [
                row["provider_name"] or row["provider"],
                row["provider"],
                row["aggregate"],
                row["patient_level"],
                row["difference"],
                row["keys"],
                row["differing"],
            ]
            for row in rows
        ],
        [
            "All providers",
            None,
            total(rows, "aggregate"),
            total(rows, "patient_level"),
            total(rows, "difference"),
            sum(row["keys"] for row in rows),
            sum(row["differing"] for row in rows),
        ],
    )


def _reasons() -> list[Block]:
    return [
        "Each line is assigned by the first row of the decision table that it meets. After the hyphen stands "
        "how the "
        "patient’s home was found: 1 and 2 by the GP practice’s area (sub-ICB location, ICB), 3 and 4 by the "
        "area of residence, 5 by the provider’s own area, H by where the provider lies, 0 where no home was "
        "needed.",
        write_out(
            "The steps of the decision table, in order",
            [Column("Code", "code"), Column("Name"), Column("Who pays")],
            [[reason.step, reason.name, reason.sentence] for reason in reasons().values()],
        ),
    ]


def _method(results: Results) -> list[Block]:
    return [
        "Each record is dated by the first day of its financial month and assigned with register "
        f"{results.snapshot}, "
        "which holds who commissioned each service line for each area on each day, with the decision that "
        "made it so. "
        "Actual spend, challenges and bases come from the patient-level sets; plan comes from the aggregate "
        "set. "
        "Patients are counted once over activity, drugs and devices, by a keyed hash; no identity enters the "
        "ledger.",
        "Money is summed exactly, in decimals. Pounds in tables are shown to the penny, in prose rounded.",
        Citations(
            [
                (
                    f"{each.title}. {each.publisher}, {each.published}"
                    if each.published
                    else f"{each.title}. {each.publisher}",
                    each.url,
                )
                for each in results.sources
            ]
        ),
    ]

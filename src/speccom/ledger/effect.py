"""What a decision would move in the ledger: whose money passes to whom, for how many people, by which contracts.

Asks the small tables of the latest whole year, at that year's activity and prices, on the days of the decision.
Knows the register before and after it, and nothing of who may see the answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

import pyarrow as pa

from speccom.engine import Engine, run_steps
from speccom.ledger.manifest import LedgerError, Manifest, read_manifest
from speccom.ledger.people_moved import register_patients
from speccom.ledger.summaries import summaries, years_held
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.register.decided import Preview
from speccom.workspace import Workspace

NO_ANSWER = ""
"""The commissioner of a line that the register has no answer for."""
OTHER_NATION, UNKNOWN = "OTHER NATION", "UNKNOWN"
SAME, CENTRAL = "same commissioner", "drugs and devices, held centrally"
OF_ANOTHER_NATION, NO_HOME = "people of another nation, which pays for them", "home not known"
DIVIDED, NO_HOST = "home has no single board then", "region of the provider not known"
BEGINS, ENDS, GROWS, SHRINKS = "begins", "ends", "grows", "shrinks"

_NATIONAL_UNTIL = date(2023, 4, 1)
_PAID_BY = {"GREEN": "delegable", "AMBER": "home", "RED": "host", "BLUE": "host"}
"""A line's status → who pays: the home's board where its region is delegated, else a hub of home or host."""


class EffectColumn(NamedTuple):
    """One column of a table here: its unit, what it means, and its kind."""

    unit: str
    meaning: str
    kind: pa.DataType


_TEXT, _COUNT = pa.string(), pa.int64()
_POUNDS, _ACTIVITY = pa.decimal128(38, 8), pa.decimal128(38, 3)
_ON = {
    "on": EffectColumn(
        "", "the day from which it holds: a day on which facts of the decision begin or end", pa.date32()
    )
}
_LINE = {
    "line": EffectColumn("code", "the service line", _TEXT),
    "line_name": EffectColumn("", "its name", _TEXT),
}
_AREA = {
    "area": EffectColumn(
        "code",
        "the sub-ICB location or board that the people are counted to, as it is on the day; where it has none "
        "then, as the ledger has it",
        _TEXT,
    ),
    "area_name": EffectColumn("", "its name", _TEXT),
}
_PASSAGE = {
    "from_commissioner": EffectColumn(
        "code", "who would pay without the decision; empty where nobody is named", _TEXT
    ),
    "from_name": EffectColumn("", "its name", _TEXT),
    "to_commissioner": EffectColumn("code", "who would pay with it; empty where nobody is named", _TEXT),
    "to_name": EffectColumn("", "its name", _TEXT),
}
_PATIENTS = {
    "patients": EffectColumn(
        "people",
        "distinct patients with any record of what is named, drugs and devices included; those whose identity "
        "is withheld are not counted; empty where only drugs and devices move",
        _COUNT,
    )
}
_MEASURES = {
    "records": EffectColumn("lines", "patient-level lines of the year", _COUNT),
    "activity": EffectColumn("units", "their activity", _ACTIVITY),
    "pounds": EffectColumn("£", "their cost, exact", _POUNDS),
    "providers": EffectColumn("providers", "distinct providers of them", _COUNT),
}
MOVES = {**_ON, **_LINE, **_AREA, **_PASSAGE, **_PATIENTS, **_MEASURES}
PASSAGES = {
    **_ON,
    **_PASSAGE,
    "service_lines": EffectColumn("lines of service", "how many service lines pass so", _COUNT),
    "areas": EffectColumn("areas", "of how many areas", _COUNT),
    **_PATIENTS,
    **_MEASURES,
}
BALANCES = {
    **_ON,
    "commissioner": EffectColumn("code", "who pays; empty for nobody named", _TEXT),
    "commissioner_name": EffectColumn("", "its name", _TEXT),
    "gives": EffectColumn("£", "what it paid for and would no longer", _POUNDS),
    "gains": EffectColumn("£", "what it would pay for and did not", _POUNDS),
    "net": EffectColumn("£", "gains less gives; over all rows of a day nothing", _POUNDS),
}
CONTRACTS = {
    **_ON,
    "provider": EffectColumn("code", "the provider", _TEXT),
    "provider_name": EffectColumn("", "its name", _TEXT),
    "commissioner": EffectColumn("code", "the commissioner", _TEXT),
    "commissioner_name": EffectColumn("", "its name", _TEXT),
    "change": EffectColumn(
        "", "begins or ends where the two have no other service line together; else grows or shrinks", _TEXT
    ),
    "records_before": EffectColumn(
        "lines", "patient-level lines between the two without the decision", _COUNT
    ),
    "records_after": EffectColumn("lines", "the same with it", _COUNT),
    "pounds_before": EffectColumn("£", "their cost without the decision", _POUNDS),
    "pounds_after": EffectColumn("£", "the same with it", _POUNDS),
}
STAYS = {
    **_ON,
    **_LINE,
    **_AREA,
    "why": EffectColumn("", "why it does not move, or cannot be placed", _TEXT),
    **_MEASURES,
}
TOTALS = {
    **_ON,
    "patients": _PATIENTS["patients"],
    "service_lines": PASSAGES["service_lines"],
    "areas": PASSAGES["areas"],
    "records": _MEASURES["records"],
    "activity": _MEASURES["activity"],
    "pounds": _MEASURES["pounds"],
    "pounds_unplaced": EffectColumn(
        "£",
        "of the service lines that move, what cannot be placed: home, board or provider's region not known",
        _POUNDS,
    ),
    "providers": _MEASURES["providers"],
    "contracts_begin": EffectColumn("contracts", "pairs of provider and commissioner that begin", _COUNT),
    "contracts_end": EffectColumn("contracts", "pairs that end", _COUNT),
}
TABLES = {
    "totals": TOTALS,
    "passages": PASSAGES,
    "balances": BALANCES,
    "moves": MOVES,
    "contracts": CONTRACTS,
    "stays": STAYS,
}
"""Every table of an effect, with its columns; each field of a table carries `unit` and `meaning`."""
UNPLACED = (NO_HOME, DIVIDED, NO_HOST)
NOTES = (
    "Who pays is asked of a line's status, its area's arrangement and the regions of home and provider, as a build "
    "asks them. A record that is paid for by another rule (health and justice, armed forces, private patients, "
    "dental care, nationally funded) counts with its service line here, since the summaries do not tell it apart.",
    "In a row each patient counts once. Somebody who is in several rows counts in each, so patients of rows do not "
    "add up to the total.",
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision would move, as tables of `TABLES`; all empty, with a gap, where there is no ledger to ask.

    `year` is the financial year whose records are counted, of which `months` are held. Of every service line
    that moves on a day, `moves` and `stays` together are all its records and pounds of the year. `gaps` say
    what could not be asked. `synthetic` is true when any record is made up.
    """

    totals: pa.Table
    passages: pa.Table
    balances: pa.Table
    moves: pa.Table
    contracts: pa.Table
    stays: pa.Table
    year: FinancialYear | None
    months: int
    gaps: tuple[str, ...]
    synthetic: bool

    @property
    def scope(self) -> tuple[str, ...]:
        """Of which year the people and money are, and how they are counted, in words; nothing without a ledger."""
        if self.year is None:
            return ()
        return (
            f"People, money and contracts are those of {self.year}, at that year's activity and prices. Pounds are "
            "of the patient-level sets.",
            *NOTES,
        )


class NotConservedEffect(LedgerError):
    """An effect whose rows are not all of what the summaries hold; nothing of it is told."""

    code = "effect_not_conserved"


def effect_of(
    workspace: Workspace, preview: Preview, progress: Callable[[int, int], None] = lambda part, whole: None
) -> Effect:
    """What adopting a previewed decision would move in the latest whole year of a workspace's ledger.

    On each day of the preview, each record of the year is paid for by whom the register before names and by
    whom the register after names: the home's board where its line and region are delegated, a hub of the
    home's or the provider's region otherwise. Boards of the year are followed to those of the day. `progress` is
    told how many of how many parts are done. Raises `NotConservedEffect` where a record of a line that moves would
    be in no row, or in two.
    """
    manifest = read_manifest(workspace)
    year = _latest(manifest)
    if manifest is None or year is None:
        return _nothing(
            "There is no ledger in this workspace yet, so people, money and contracts are not known."
        )
    months = _months_of(manifest, year)
    try:
        with summaries(workspace, [year]) as (engine, _):
            found = _asked(engine, preview, progress)
    except NotConservedEffect:
        raise
    except LedgerError as error:
        return _nothing(f"People, money and contracts are not known: {error}")
    gaps = () if months == 12 else (f"{year}: {months} of 12 months are held, and no year is whole.",)
    return Effect(**found, year=year, months=months, gaps=gaps, synthetic=manifest.synthetic)


def _latest(manifest: Manifest | None) -> FinancialYear | None:
    """The latest year of which twelve months are held, else the latest of any."""
    if manifest is None or not manifest.summaries:
        return None
    years = years_held(manifest)
    return max(years, key=lambda year: (_months_of(manifest, year) == 12, year.code))


def _months_of(manifest: Manifest, year: FinancialYear) -> int:
    return sum(each.financial_year == year.code and bool(each.files) for each in manifest.months)


def _nothing(gap: str) -> Effect:
    empty = {name: _schema(columns).empty_table() for name, columns in TABLES.items()}
    return Effect(**empty, year=None, months=0, gaps=(gap,), synthetic=False)


# --- who pays, before and after


class _Place(NamedTuple):
    """A home on a day: its board, its region's hub, and whether its region is delegated.

    Where it has no board, `why`; and of one that was divided, what it is in each board that it may be in.
    """

    board: str = ""
    hub: str = ""
    delegated: bool = False
    why: str = ""
    parts: tuple[_Place, ...] = ()


_Sided = tuple[Any, Any]
"""A thing as it is before the decision and after it."""


class _Sides:
    """The registers before and after, asked on one day; each answer is worked out once."""

    def __init__(self, preview: Preview, on: date) -> None:
        self.registers = (preview.before, preview.after)
        self.on = on

    def line_kind(self, line: str) -> _Sided:
        return tuple(self._paid_by(register, line) for register in self.registers)  # type: ignore[return-value]

    def place(self, icb: str, home: str) -> _Sided:
        return tuple(self._place(register, icb, home) for register in self.registers)  # type: ignore[return-value]

    def host(self, provider: str) -> _Sided:
        return tuple(self._host(register, provider) for register in self.registers)  # type: ignore[return-value]

    def area(self, home: str, place: _Sided) -> str:
        """What a home is called on the day: by its own code while it is active on either side, else its board's."""
        if any(home in register.areas(self.on) for register in self.registers):
            return home
        return place[0].board or place[1].board or home

    def _paid_by(self, register: Register, line: str) -> str:
        status = register.line_status(line, self.on)
        if status is None and self.on < _NATIONAL_UNTIL and line in register.specialised:
            return "host"
        return _PAID_BY.get(status or "", "")

    def _place(self, register: Register, icb: str, home: str) -> _Place:
        if icb == OTHER_NATION:
            return _Place(why=OF_ANOTHER_NATION)
        if icb == UNKNOWN:
            return _Place(why=NO_HOME)
        area = register.areas(self.on).get(register.board_on(home, self.on) or "")
        if area is None:
            heirs = self.registers[0].successors(icb, self.on)
            parts = () if icb in heirs else tuple(self._place(register, heir, heir) for heir in sorted(heirs))
            return _Place(why=DIVIDED, parts=parts)
        delegated = register.arrangement(area.region, self.on) == "delegated"
        return _Place(area.icb, register.hub(area.region, self.on) or "", delegated)

    def _host(self, register: Register, provider: str) -> str:
        area = register.areas(self.on).get(register.host_icb(provider, self.on) or "")
        return (register.hub(area.region, self.on) or "") if area else ""


def _payer(paid_by: str, place: _Place, host: str, central: bool) -> tuple[str | None, str]:
    """Who pays, none where it cannot be told and why; source: contract-monitoring's decision table."""
    if not paid_by:
        return NO_ANSWER, ""
    if place.why == OF_ANOTHER_NATION:
        return None, place.why
    if paid_by == "host" and not central:
        return (host, "") if host else (None, NO_HOST)
    if place.why:
        return None, place.why
    return (place.board if paid_by == "delegable" and place.delegated and not central else place.hub), ""


def _passage(kind: _Sided, place: _Sided, host: _Sided, central: bool) -> tuple[str, str, str]:
    """Who pays before and after, and why nothing moves: empty where it does."""
    (before, why_before), (after, why_after) = (
        _payer(kind[side], place[side], host[side], central) for side in (0, 1)
    )
    same = CENTRAL if central else SAME
    if before is None or after is None:
        parts = list(zip(place[0].parts, place[1].parts, strict=False))
        alike = parts and all(_passage(kind, part, host, central)[2] == same for part in parts)
        return before or "", after or "", same if alike else why_before or why_after
    return before, after, same if before == after else ""


# --- asking the summaries

_STEPS = {
    "totals": "effect_totals",
    "passages": "effect_passages",
    "balances": "effect_balances",
    "moves": "effect_moves",
    "contracts": "effect_contracts",
    "stays": "effect_stays",
}
_KEPT = frozenset({"effect_paid", "effect_moving", "effect_cells"})


_PARTS = 5
"""Into how many parts an effect falls, for who waits for it."""


def _asked(engine: Engine, preview: Preview, progress: Callable[[int, int], None]) -> dict[str, pa.Table]:
    """Every table of `TABLES`, of the year that is open on the engine."""
    _register_sides(engine, preview)
    progress(1, _PARTS)
    run_steps(engine, __package__, ["effect_paid"], _KEPT)
    _conserved(engine, len(preview.days))
    progress(2, _PARTS)
    run_steps(engine, __package__, ["effect_moving", "effect_cells", "effect_seen"], _KEPT)
    progress(3, _PARTS)
    register_patients(engine)
    progress(4, _PARTS)
    run_steps(engine, __package__, list(_STEPS.values()))
    found = {name: engine.fetch(f"select * from {step}") for name, step in _STEPS.items()}
    found["totals"] = _whole_totals(found, preview.days)
    names = _Names(preview.after)
    progress(_PARTS, _PARTS)
    return {name: names.put(table, TABLES[name]) for name, table in found.items()}


def _register_sides(engine: Engine, preview: Preview) -> None:
    """Make readable what lines, homes and providers are on each day, and who pays for each meeting of them.

    Lines, homes and providers that are alike share a number, so that few meetings have to be judged.
    """
    lines, providers = _distinct(engine, "service_line"), _distinct(engine, "provider")
    homes = _distinct(engine, "icb", "home")
    kinds, places, hosts, pairs = (_Numbers() for _ in range(4))
    told: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _SIDES}
    for on in preview.days:
        sides = _Sides(preview, on)
        told["line_then"] += [(on, line, kinds[sides.line_kind(line)]) for (line,) in lines]
        told["host_then"] += [(on, provider, hosts[sides.host(provider)]) for (provider,) in providers]
        for icb, home in homes:
            place = sides.place(icb, home)
            told["home_then"].append((on, icb, home, sides.area(home, place), places[place]))
        told["passage"] += [
            (
                on,
                kinds[kind],
                places[place],
                hosts[host],
                central,
                pairs[on, *_passage(kind, place, host, central)],
            )
            for kind, place, host, central in product(kinds, places, hosts, (False, True))
        ]
    told["pair_named"] = [(*pair, number) for pair, number in pairs.items()]
    for name, kinds_of in _SIDES.items():
        columns = list(zip(*told[name], strict=True)) or [()] * len(kinds_of)
        engine.register(
            name,
            pa.table(
                {
                    column: pa.array(list(held), kind)
                    for held, (column, kind) in zip(columns, kinds_of.items(), strict=True)
                }
            ),
        )


_DAY, _NUMBER = pa.date32(), pa.int32()
_SIDES: Mapping[str, Mapping[str, pa.DataType]] = {
    "line_then": {"on_date": _DAY, "line": _TEXT, "line_kind": _NUMBER},
    "home_then": {"on_date": _DAY, "icb": _TEXT, "home": _TEXT, "area": _TEXT, "place": _NUMBER},
    "host_then": {"on_date": _DAY, "provider": _TEXT, "host": _NUMBER},
    "passage": {
        "on_date": _DAY,
        "line_kind": _NUMBER,
        "place": _NUMBER,
        "host": _NUMBER,
        "central": pa.bool_(),
        "pair": _NUMBER,
    },
    "pair_named": {
        "on_date": _DAY,
        "payer_before": _TEXT,
        "payer_after": _TEXT,
        "why": _TEXT,
        "pair": _NUMBER,
    },
}


class _Numbers(dict[Any, int]):
    """A number for each thing that is asked for, in the order of asking."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]


def _distinct(engine: Engine, *columns: str) -> list[tuple[str, ...]]:
    named = ", ".join(f"coalesce({column}, '') as {column}" for column in columns)
    found = engine.fetch(f"select distinct {named} from months order by {', '.join(columns)}")
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def _conserved(engine: Engine, days: int) -> None:
    """Refuse to go on where a record or pound of the year is in no passage of a day, or in two."""
    held, paid = (
        engine.fetch(
            f"select coalesce(sum({records}), 0) as records, coalesce(sum({pounds}), 0) as pounds from {table}"
        ).to_pylist()[0]
        for table, records, pounds in (
            ("months where lines > 0", "lines", "actual"),
            ("effect_paid", "records", "pounds"),
        )
    )
    if any(Decimal(paid[name]) != days * Decimal(held[name]) for name in held):
        raise NotConservedEffect(
            f"What the decision moves is not told, since {paid['records']:,} records of £{paid['pounds']:,f} are "
            f"placed over {days} days where the summaries hold {held['records']:,} of £{held['pounds']:,f}: "
            "run speccom build, which makes the summaries anew."
        )


def _whole_totals(found: Mapping[str, pa.Table], days: Sequence[date]) -> pa.Table:
    """A row of totals for each day, of nothing where nothing moves, with what lies in other tables."""
    told = {row["on"]: row for row in found["totals"].to_pylist()}
    unplaced: dict[date, Decimal] = defaultdict(Decimal)
    for row in found["stays"].select(["on", "why", "pounds"]).to_pylist():
        if row["why"] in UNPLACED:
            unplaced[row["on"]] += row["pounds"]
    changes = Counter(zip(*(found["contracts"][name].to_pylist() for name in ("on", "change")), strict=True))
    rows = [
        dict.fromkeys(TOTALS, 0)
        | told.get(on, {})
        | {
            "on": on,
            "pounds_unplaced": unplaced[on],
            "contracts_begin": changes[on, BEGINS],
            "contracts_end": changes[on, ENDS],
        }
        for on in days
    ]
    return pa.Table.from_pylist(rows, _schema(TOTALS))


# --- names and columns


class _Names:
    """What lines, areas, commissioners and providers are called."""

    def __init__(self, register: Register) -> None:
        bodies = {code: body.name for code, body in register.organisations.items()}
        providers = {code: provider.name for code, provider in register.providers.items()}
        places = {OTHER_NATION: "Other nations of the United Kingdom", UNKNOWN: "Not known"}
        self._of: dict[str, Mapping[str, str]] = {
            "line": {code: line.name for code, line in register.lines.items()},
            "area": bodies | places,
            "from_commissioner": bodies | {NO_ANSWER: "Nobody named"},
            "to_commissioner": bodies | {NO_ANSWER: "Nobody named"},
            "commissioner": bodies | {NO_ANSWER: "Nobody named"},
            "provider": providers | {"": "No provider stated"},
        }

    def put(self, table: pa.Table, columns: Mapping[str, EffectColumn]) -> pa.Table:
        """A table in its documented columns, each code with its name beside it, in order of day and codes."""
        held: dict[str, Any] = {name: table[name] for name in table.column_names}
        for code in self._of.keys() & held.keys():
            name = f"{code.partition('_')[0]}_name" if code.endswith("_commissioner") else f"{code}_name"
            held[name] = self._named(code, held[code])
        schema = _schema(columns)
        made = pa.table({name: held[name] for name in schema.names}).cast(schema)
        keys = [name for name in _ORDER if name in columns]
        return made.sort_by([(name, "ascending") for name in keys])

    def _named(self, of: str, codes: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
        encoded: Any = codes.combine_chunks().dictionary_encode()
        names = pa.array([self._of[of].get(code, code) for code in encoded.dictionary.to_pylist()], _TEXT)
        return pa.chunked_array([names.take(encoded.indices)])


_ORDER = ("on", "from_commissioner", "to_commissioner", "commissioner", "line", "area", "provider", "why")


def _schema(columns: Mapping[str, EffectColumn]) -> pa.Schema:
    return pa.schema(
        [
            pa.field(name, column.kind, metadata={"unit": column.unit, "meaning": column.meaning})
            for name, column in columns.items()
        ]
    )

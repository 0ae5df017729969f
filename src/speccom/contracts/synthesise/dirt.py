"""Spoils made-up files as real ones are spoilt, at the rates of `content/dirt.csv`; draws no lines itself."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa

from speccom.contracts.synthesise import cells, shapes
from speccom.contracts.synthesise.cells import Column, Columns, Mask, Strings
from speccom.contracts.synthesise.lines import Lines, generator
from speccom.contracts.synthesise.world import World
from speccom.period import Month

PROVIDER = "ORGANISATION IDENTIFIER (CODE OF PROVIDER)"
SITE = "ORGANISATION SITE IDENTIFIER (OF TREATMENT)"
GP_RESPONSIBILITY = "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)"
RESIDENCE = "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)"
COMMISSIONER = "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)"
CATEGORY = "COMMISSIONED SERVICE CATEGORY CODE"
DELIVERY = "POINT OF DELIVERY CODE"
CREATED = "DATE AND TIME DATA SET CREATED"
NHS_NUMBER = "NHS NUMBER"
MONEY = ("TOTAL COST", "CONTRACT MONITORING ACTUAL PRICE")
DATES = (
    "PERSON BIRTH DATE",
    "ACTIVITY START DATE (CONTRACT MONITORING)",
    "ACTIVITY END DATE (CONTRACT MONITORING)",
    "CLINICAL INTERVENTION DATE (DRUG DISPENSED)",
    "CLINICAL INTERVENTION DATE (MEDICAL DEVICE IMPLANTATION)",
)
# What people take for the other: specialised for delegated, and the board's own for specialised.
_MISTAKEN_CATEGORY = {"21": "25", "25": "21", "22": "26", "26": "22", "12": "21"}
_OWN_COLUMN = "TRUST INTERNAL NOTE"
# Row faults that always leave the same text: fault, field, text.
_ALWAYS_THE_SAME = (
    ("unknown_service_code", "SERVICE CODE", "NCBPS99Q"),
    ("blank_service_code", "SERVICE CODE", ""),
    ("unknown_point_of_delivery", DELIVERY, "INPAT"),
    ("unknown_category", CATEGORY, "XX"),
    ("unreadable_month", "FINANCIAL MONTH", "13"),
    ("blank_responsibility", GP_RESPONSIBILITY, ""),
)


@dataclass(frozen=True)
class Look:
    """How one file looks, whatever is in it: `faults` are file faults of the content table."""

    created: str
    created_too: str = ""
    faults: frozenset[str] = frozenset()
    seed: int = 0

    def order(self, header: list[str]) -> list[str]:
        """The fields in the order in which this file has them."""
        names = [*header, _OWN_COLUMN] if "extra_column" in self.faults else header
        if "columns_reordered" not in self.faults:
            return names
        return [names[place] for place in np.random.default_rng(self.seed).permutation(len(names))]

    def header(self, order: list[str]) -> bytes:
        text = ",".join(map(cells.quoted, order))
        for fault, change in _HEADERS.items():
            if fault in self.faults:
                text = change(text)
        mark = "\ufeff" if "byte_order_mark" in self.faults else ""
        return f"{mark}{text}\r\n".encode()


_HEADERS: dict[str, Callable[[str], str]] = {
    "header_underscores": lambda text: text.replace(" ", "_"),
    "header_lower_case": str.lower,
    "header_no_break_space": lambda text: text.replace(" ", "\u00a0"),
}


@dataclass(frozen=True)
class Submission:
    """One file to write: what its name ends in, the lines it holds and how it looks."""

    suffix: str
    lines: Lines
    look: Look


def clean_submission(world: World, lines: Lines) -> Submission:
    """The whole year to date in one file, made on the sixteenth of the month after."""
    last = Month(world.year, world.months[-1])
    return Submission(f"M{last.number:02d}", lines, Look(_timestamp(last, 30, None)))


class Spoiler:
    """Spoils the files of one provider; the same world and provider are spoilt in the same way."""

    def __init__(self, world: World, provider: int) -> None:
        self._world = world
        self._provider = provider
        places = world.places
        self._hubs = cells.texts([places.bodies[index] for index in np.unique(places.hub)])
        self._areas = cells.texts(places.areas[: places.english])
        # The halved providers are among the middle-sized, so that no total is moved far.
        by_size = np.argsort(-world.counts.sum(axis=0), kind="stable")
        first = (zlib.crc32(str(world.seed).encode()) % 40) + 20
        chosen = by_size[first : first + int(rates("provider")["halved_aggregate"])]
        self.halved = provider in chosen

    def submissions(self, name: str, lines: Lines) -> list[Submission]:
        """The files in which a data set's lines are submitted, in the order of their names."""
        random = generator(self._world, self._provider, f"files {name}")
        drawn = {fault: random.random() < rate for fault, rate in rates("file").items()}
        seed = int(random.integers(2**32))
        last = Month(self._world.year, self._world.months[-1])
        minutes, form = (
            int(random.integers(400)),
            int(random.integers(4)) if drawn["other_timestamp"] else None,
        )
        look = Look(
            _timestamp(last, minutes, form),
            _timestamp(last, minutes + 37, form),
            frozenset(fault for fault, is_so in drawn.items() if is_so),
            seed,
        )
        current = Submission(f"M{last.number:02d}", lines, look)
        if drawn["earlier_submission"]:
            return [self._earlier(lines, look, random), current]
        if drawn["split_submission"] and len(self._world.months) > 1:
            return self._split(lines, look)
        return [current]

    def _earlier(self, lines: Lines, look: Look, random: np.random.Generator) -> Submission:
        """What was submitted before: without the last month where there is one before it."""
        months = self._world.months
        behind = len(months) > 1
        kept = random.random(len(lines)) > 0.04
        if behind:
            kept &= lines.month < len(months) - 1
        before = lines.take(kept)
        changed = np.where(random.random(len(before)) < 0.2, random.uniform(0.9, 1.06, len(before)), 1.0)
        before = replace(before, pence=np.maximum(1, np.round(before.pence * changed)).astype(np.int64))
        last = Month(self._world.year, months[-2] if behind else months[-1])
        suffix = f"M{last.number:02d}" if behind else f"M{last.number:02d}-FIRST"
        created = f"{last.end + timedelta(4)} 08:15:00"
        return Submission(suffix, before, replace(look, created=created, created_too=created))

    def _split(self, lines: Lines, look: Look) -> list[Submission]:
        months = self._world.months
        half = len(months) // 2
        return [
            Submission(f"M{months[0]:02d}-M{months[half - 1]:02d}", lines.take(lines.month < half), look),
            Submission(f"M{months[half]:02d}-M{months[-1]:02d}", lines.take(lines.month >= half), look),
        ]

    def spoil(self, name: str, chunk: Columns, submission: Submission, part: int) -> Columns:
        """A part of a file with its share of faulty rows, and in the file's own way of writing."""
        random = generator(self._world, self._provider, f"rows {name} {submission.suffix} {part}")
        rows, look = Rows(chunk, random), submission.look
        if self.halved and name == "ACM":
            self._halve(rows)
        self._misassign(rows)
        self._spoil_codes(rows)
        self._spoil_identity(rows)
        self._spoil_money(rows, look)
        self._spoil_times(rows, look)
        return rows.repeated(rates("row")["repeated_line"])

    def _halve(self, rows: Rows) -> None:
        for field in ("CONTRACT MONITORING ACTUAL PRICE", "CONTRACT MONITORING ACTUAL ACTIVITY"):
            rows.rewrite(field, lambda value: str((Decimal(value) / 2).quantize(Decimal("0.01"))))

    def _misassign(self, rows: Rows) -> None:
        wrong = rows.some("wrong_commissioner")
        hub = rows.random.random(len(rows)) < 0.5
        rows.put(COMMISSIONER, wrong & hub, rows.any_of(self._hubs))
        rows.put(COMMISSIONER, wrong & ~hub, rows.any_of(self._areas))
        wrong = rows.some("wrong_category")
        # Every row is judged by the category it had, not by one that it has just been given.
        had = {category: rows.is_in(CATEGORY, {category}) for category in _MISTAKEN_CATEGORY}
        for category, mistaken in _MISTAKEN_CATEGORY.items():
            rows.put(CATEGORY, wrong & had[category], mistaken)

    def _spoil_codes(self, rows: Rows) -> None:
        code = self._world.providers[self._provider]
        money_only = rows.is_in(DELIVERY, shapes.non_activity_codes())
        rows.put(SITE, money_only & rows.some("site_without_activity", "without_activity"), f"{code}01")
        rows.put("TARIFF CODE", rows.some("wrong_tariff_code") & ~money_only, "LOCAL01")
        rows.put(PROVIDER, rows.some("provider_ends_00"), f"{code}00")
        unknown = rows.some("unknown_responsibility") & ~money_only
        rows.put(GP_RESPONSIBILITY, unknown, "ZZZ99")
        rows.put(RESIDENCE, unknown, "")
        for fault, field, text in _ALWAYS_THE_SAME:
            rows.put(field, rows.some(fault), text)

    def _spoil_identity(self, rows: Rows) -> None:
        number = rows.array(NHS_NUMBER)
        # Any other last digit is a wrong one.
        ends_in_0 = rows.ends_with(NHS_NUMBER, "0")
        turned = cells.join(cells.part(number, 0, 9), cells.choose(ends_in_0, "9", "0"))
        rows.put(NHS_NUMBER, rows.some("wrong_check_digit"), turned)
        rows.put(NHS_NUMBER, rows.some("blank_nhs_number"), "")

    def _spoil_money(self, rows: Rows, look: Look) -> None:
        field = next(name for name in MONEY if name in rows.columns)
        negative = rows.is_in(DELIVERY, {"ADJUSTMENT"}) & rows.some("negative_adjustment", "adjustment")
        rows.rewrite(field, lambda value: f"({_with_thousands(value)})", negative)
        if "money_thousands" in look.faults:
            rows.rewrite(field, _with_thousands, ~negative)
        if "money_currency_sign" in look.faults:
            # Half of them were read in one encoding and written in another.
            rows.rewrite(field, lambda value: f"{'£' if look.seed % 2 else 'Â£'}{value}", ~negative)
        rows.put(field, rows.some("unreadable_cost"), "TBC")

    def _spoil_times(self, rows: Rows, look: Look) -> None:
        if "several_timestamps" in look.faults:
            rows.put(CREATED, rows.random.random(len(rows)) < 0.3, look.created_too)
        if "dates_day_first" in look.faults:
            for field in DATES:
                dates = rows.array(field)
                parts = [cells.part(dates, *span) for span in ((8, 10), (5, 7), (0, 4))]
                rows.put(field, ~rows.is_in(field, {""}), cells.join(parts[0], "/", parts[1], "/", parts[2]))


class Rows:
    """The columns of some lines, to be changed row by row; a field that the set lacks stays away."""

    def __init__(self, columns: Columns, random: np.random.Generator) -> None:
        self.columns = dict(columns)
        self.random = random
        self._length = next(len(column) for column in columns.values() if not isinstance(column, str))

    def __len__(self) -> int:
        return self._length

    def some(self, fault: str, scope: str = "row") -> Mask:
        """Rows to which a fault happens."""
        return self.random.random(len(self)) < rates(scope)[fault]

    def array(self, field: str) -> Strings:
        column = self.columns.get(field, "")
        return pa.array([column] * len(self), pa.string()) if isinstance(column, str) else column

    def put(self, field: str, where: Mask, value: Column) -> None:
        """Change a field in some rows; `value` is one text, or a text for every row."""
        if field in self.columns and where.any():
            self.columns[field] = cells.choose(where, value, self.array(field))

    def rewrite(self, field: str, change: Callable[[str], str], where: Mask | None = None) -> None:
        """Change the text of a field, row by row; for few rows, or few files."""
        chosen = np.ones(len(self), dtype=bool) if where is None else where
        if chosen.any():
            values = self.array(field).to_pylist()
            for place in np.flatnonzero(chosen):
                values[place] = cells.quoted(change((values[place] or "").strip('"')))
            self.columns[field] = pa.array(values, pa.string())

    def any_of(self, among: Strings) -> Strings:
        return cells.look_up(among, self.random.integers(len(among), size=len(self)))

    def is_in(self, field: str, values: set[str] | frozenset[str]) -> Mask:
        return cells.is_in(self.array(field), values)

    def ends_with(self, field: str, digit: str) -> Mask:
        return cells.is_in(cells.part(self.array(field), 9, 10), {digit})

    def repeated(self, rate: float) -> Columns:
        """The columns with some of their rows again at the end."""
        again = np.flatnonzero(self.random.random(len(self)) < rate)
        rows = np.concatenate([np.arange(len(self)), again])
        return {
            name: column if isinstance(column, str) else cells.look_up(column, rows)
            for name, column in self.columns.items()
        }


@cache
def rates(scope: str) -> dict[str, float]:
    """The rates of the faults of one scope: file, row, without_activity, adjustment or provider."""
    return {row["fault"]: float(row["rate"]) for row in shapes.rows("dirt") if row["scope"] == scope}


def _timestamp(last: Month, minutes: int, form: int | None) -> str:
    """When a file says it was made, in ISO form or one of four others that are met."""
    day, clock = last.end + timedelta(15), f"{9 + minutes // 60:02d}:{minutes % 60:02d}:00"
    serial = (day - date(1899, 12, 30)).days + (540 + minutes) / 1440
    forms = {
        None: f"{day} {clock}",
        0: f"{day:%d/%m/%Y} {clock}",
        1: f"{day:%d-%b-%y} {clock[:5]}",
        2: f"{day} {clock[:5]}",
        3: f"{serial:.5f}",
    }
    return forms[form]


def _with_thousands(value: str) -> str:
    """`1234567.80` as `1,234,567.80`."""
    whole, point, rest = value.partition(".")
    return f"{int(whole):,}{point}{rest}"

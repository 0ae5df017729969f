"""Spoils made-up files as real ones are spoilt, at the rates of `content/dirt.csv`; draws no lines itself."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speccom.contracts.synthesise import sets, shapes
from speccom.contracts.synthesise.lines import Lines, generator
from speccom.contracts.synthesise.sets import Column, Columns
from speccom.contracts.synthesise.world import World
from speccom.period import Month

Mask = npt.NDArray[np.bool_]

PROVIDER = "ORGANISATION IDENTIFIER (CODE OF PROVIDER)"
SITE = "ORGANISATION SITE IDENTIFIER (OF TREATMENT)"
GP_RESPONSIBILITY = "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)"
RESIDENCE = "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)"
COMMISSIONER = "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)"
CATEGORY = "COMMISSIONED SERVICE CATEGORY CODE"
DELIVERY = "POINT OF DELIVERY CODE"
CREATED = "DATE AND TIME DATA SET CREATED"
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


@dataclass(frozen=True)
class Look:
    """How one file looks, whatever is in it: `faults` are file faults of the content table."""

    created: str
    faults: frozenset[str] = frozenset()
    seed: int = 0

    def order(self, header: list[str]) -> list[str]:
        """The fields in the order in which this file has them."""
        names = [*header, _OWN_COLUMN] if "extra_column" in self.faults else header
        if "columns_reordered" not in self.faults:
            return names
        return [names[place] for place in np.random.default_rng(self.seed).permutation(len(names))]

    def header(self, order: list[str]) -> bytes:
        text = ",".join(map(sets.quoted, order))
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
    return Submission(f"M{last.number:02d}", lines, Look(_created(last, 0)))


def _created(last: Month, minutes: int) -> str:
    return f"{last.end + timedelta(15)} {9 + minutes // 60:02d}:{minutes % 60:02d}:00"


class Spoiler:
    """Spoils the files of one provider; the same world and provider are spoilt in the same way."""

    def __init__(self, world: World, provider: int) -> None:
        self._world = world
        self._provider = provider
        places = world.places
        self._commissioners = sets.texts_of([places.bodies[index] for index in np.unique(places.hub)])
        self._areas = sets.texts_of(places.areas[: places.english])
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
        look = Look(
            _timestamp(
                last, int(random.integers(480)), int(random.integers(4)) if drawn["other_timestamp"] else None
            ),
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
        return Submission(suffix, before, replace(look, created=created))

    def _split(self, lines: Lines, look: Look) -> list[Submission]:
        months = self._world.months
        half = len(months) // 2
        return [
            Submission(f"M{months[0]:02d}-M{months[half - 1]:02d}", lines.take(lines.month < half), look),
            Submission(f"M{months[half]:02d}-M{months[-1]:02d}", lines.take(lines.month >= half), look),
        ]

    def spoil(self, name: str, chunk: Columns, look: Look, part: int) -> Columns:
        """A part of a file with its share of faulty rows, and in the file's own way of writing."""
        random = generator(self._world, self._provider, f"rows {name} {look.created} {part}")
        rows = Rows(chunk, random)
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
            halves = [f"{float(value) / 2:.2f}" for value in rows.values(field)]
            rows.columns[field] = pa.array(halves)

    def _misassign(self, rows: Rows) -> None:
        wrong = rows.some("wrong_commissioner")
        hub = rows.random.random(len(rows)) < 0.5
        rows.put(COMMISSIONER, wrong & hub, rows.any_of(self._commissioners))
        rows.put(COMMISSIONER, wrong & ~hub, rows.any_of(self._areas))
        wrong = rows.some("wrong_category")
        now = rows.array(CATEGORY)
        for category, mistaken in _MISTAKEN_CATEGORY.items():
            rows.put(CATEGORY, wrong & rows.equal(now, category), mistaken)

    def _spoil_codes(self, rows: Rows) -> None:
        code = self._world.providers[self._provider]
        money_only = rows.is_in(DELIVERY, shapes.non_activity_codes())
        rows.put(SITE, money_only & rows.some("site_without_activity", money_only), f"{code}01")
        rows.put("SERVICE CODE", rows.some("unknown_service_code"), "NCBPS99Q")
        rows.put("SERVICE CODE", rows.some("blank_service_code"), "")
        rows.put(DELIVERY, rows.some("unknown_point_of_delivery"), "INPAT")
        rows.put(CATEGORY, rows.some("unknown_category"), "XX")
        rows.put("FINANCIAL MONTH", rows.some("unreadable_month"), "13")
        rows.put(PROVIDER, rows.some("provider_ends_00"), f"{code}00")
        rows.put(GP_RESPONSIBILITY, rows.some("blank_responsibility"), "")
        filled = pc.fill_null(pc.not_equal(rows.array(GP_RESPONSIBILITY), ""), False).to_numpy(
            zero_copy_only=False
        )
        unknown = rows.some("unknown_responsibility") & filled
        rows.put(GP_RESPONSIBILITY, unknown, "ZZZ99")
        rows.put(RESIDENCE, unknown, "")
        if "TARIFF CODE" in rows.columns:
            rows.put("TARIFF CODE", rows.some("wrong_tariff_code") & ~money_only, "LOCAL01")

    def _spoil_identity(self, rows: Rows) -> None:
        if "NHS NUMBER" not in rows.columns:
            return
        wrong = rows.some("wrong_check_digit")
        number = rows.array("NHS NUMBER")
        # Any other last digit is wrong; 9 stays 9 only for a number that ends in 0.
        turned = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(number, 0, 9),
            pc.if_else(pc.equal(pc.utf8_slice_codeunits(number, 9, 10), "0"), "9", "0"),
            "",
        )
        rows.put("NHS NUMBER", wrong, turned)
        rows.put("NHS NUMBER", rows.some("blank_nhs_number"), "")

    def _spoil_money(self, rows: Rows, look: Look) -> None:
        field = next(name for name in MONEY if name in rows.columns)
        if "money_thousands" in look.faults:
            rows.columns[field] = pa.array([sets.quoted(_thousands(value)) for value in rows.values(field)])
        if "money_currency_sign" in look.faults:
            sign = "£" if look.seed % 2 else "Â£"
            signed = [_signed(sign, value) for value in rows.values(field)]
            rows.columns[field] = pa.array(signed)
        adjusted = rows.is_in(DELIVERY, {"ADJUSTMENT"}) & (
            rows.random.random(len(rows)) < rates("adjustment")["negative_adjustment"]
        )
        if adjusted.any():
            values = rows.values(field)
            for place in np.flatnonzero(adjusted):
                values[place] = sets.quoted(f"({_thousands(_bare(values[place]))})")
            rows.columns[field] = pa.array(values)
        rows.put(field, rows.some("unreadable_cost"), "TBC")

    def _spoil_times(self, rows: Rows, look: Look) -> None:
        if "several_timestamps" in look.faults:
            later = rows.random.random(len(rows)) < 0.3
            rows.put(CREATED, later, look.created.replace("09:", "11:").replace("08:", "10:"))
        if "dates_day_first" in look.faults:
            for field in DATES:
                if field in rows.columns:
                    rows.columns[field] = _day_first(rows.array(field))


class Rows:
    """The columns of some lines, to be changed row by row at given rates."""

    def __init__(self, columns: Columns, random: np.random.Generator) -> None:
        self.columns = dict(columns)
        self.random = random
        self._length = next(len(column) for column in columns.values() if not isinstance(column, str))

    def __len__(self) -> int:
        return self._length

    def some(self, fault: str, among: Mask | None = None) -> Mask:
        """Rows to which a fault happens; `among` a few rows, often enough to make its rate of all rows."""
        rate = rates("row")[fault]
        if among is not None:
            rate = min(0.5, rate * len(self) / max(int(among.sum()), 1))
        return self.random.random(len(self)) < rate

    def array(self, field: str) -> pa.StringArray:
        column = self.columns.get(field, "")
        if not isinstance(column, str):
            return column
        return pa.array([column]).take(pa.array(np.zeros(len(self), dtype=np.int64)))

    def values(self, field: str) -> list[str]:
        return [value or "" for value in self.array(field).to_pylist()]

    def put(self, field: str, where: Mask, value: Column) -> None:
        """Change a field where asked; `value` is one text, or a text for every row."""
        if where.any():
            text = pa.scalar(value) if isinstance(value, str) else value
            self.columns[field] = pc.if_else(pa.array(where), text, self.array(field))

    def any_of(self, texts: pa.StringArray) -> pa.StringArray:
        return texts.take(pa.array(self.random.integers(len(texts), size=len(self))))

    def equal(self, values: pa.StringArray, text: str) -> Mask:
        return pc.fill_null(pc.equal(values, text), False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    def is_in(self, field: str, texts: set[str] | frozenset[str]) -> Mask:
        found = pc.is_in(self.array(field), value_set=pa.array(sorted(texts)))
        return found.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    def repeated(self, rate: float) -> Columns:
        """The columns with some of their rows again at the end."""
        again = np.flatnonzero(self.random.random(len(self)) < rate)
        rows = pa.array(np.concatenate([np.arange(len(self)), again]))
        return {
            name: column if isinstance(column, str) else column.take(rows)
            for name, column in self.columns.items()
        }


@cache
def rates(scope: str) -> dict[str, float]:
    """The rates of the faults of one scope: file, row, adjustment or provider."""
    return {row["fault"]: float(row["rate"]) for row in shapes.rows("dirt") if row["scope"] == scope}


def _timestamp(last: Month, minutes: int, form: int | None) -> str:
    """When a file says it was made, in ISO form or one of four others that are met."""
    iso = _created(last, minutes)
    if form is None:
        return iso
    day, clock = date.fromisoformat(iso[:10]), iso[11:]
    serial = (day - date(1899, 12, 30)).days + minutes / 1440
    return (
        f"{day:%d/%m/%Y} {clock}",
        f"{day:%d-%b-%y} {clock[:5]}",
        f"{iso[:10]} {clock[:5]}",
        f"{serial:.5f}",
    )[form]


def _thousands(value: str) -> str:
    """`1234567.80` as `1,234,567.80`."""
    whole, point, rest = value.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole else value


def _signed(sign: str, value: str) -> str:
    """A currency sign before an amount, inside its quotation marks if it has them."""
    return f'"{sign}{value[1:]}' if value.startswith('"') else f"{sign}{value}"


def _bare(value: str) -> str:
    return "".join(mark for mark in value if mark.isdigit() or mark == ".")


def _day_first(dates: pa.StringArray) -> pa.StringArray:
    """ISO dates as dd/mm/yyyy; none stays none."""
    parts = [pc.utf8_slice_codeunits(dates, *span) for span in ((8, 10), (5, 7), (0, 4))]
    return pc.binary_join_element_wise(*parts, "/")

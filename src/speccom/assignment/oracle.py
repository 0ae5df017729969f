"""The decision table said again, one record at a time: slow, obvious, and sharing no rule with the SQL.

It exists to disagree: generated records go through both, and any difference is a fault in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from speccom.period import FinancialYear, Month, PeriodError
from speccom.register import Area, Register

DENTAL_TREATMENT_FUNCTIONS = {"140", "141", "142", "143", "144", "145", "217", "450", "451"}
SPECIALISED = {"21", "22", "25", "26"}
DEVOLVED = [re.compile(pattern) for pattern in (r"7A[1-7]\Z", r"S[0-9][0-9][A-Z]+", r"ZT")]
STATUSES_BEGIN = date(2023, 4, 1)


@dataclass(frozen=True)
class Record:
    """What the table reads of one record: codes trimmed and in upper case, a blank as none."""

    financial_year: str | None = None
    month: int | None = None
    provider: str | None = None
    submitted_commissioner: str | None = None
    submitted_category: str | None = None
    service_code: str | None = None
    point_of_delivery: str | None = None
    treatment_function: str | None = None
    gp_responsibility: str | None = None
    residence_responsibility: str | None = None
    practice: str | None = None


@dataclass(frozen=True)
class Assignment:
    """What the table gives for one record, as the columns of `assigned`."""

    home_area: str | None
    home_icb: str | None
    home_region: str | None
    host_icb: str | None
    host_region: str | None
    assigned_commissioner: str | None
    assigned_category: str | None
    reason: str
    arrangement: str | None
    commissioner_differs: bool
    category_differs: bool


class Case:
    """One record with everything that the table asks of it."""

    on: date | None
    home: Area | None
    home_number: int | None
    host: Area | None
    status: str | None
    in_prison_list: bool
    in_armed_forces_list: bool

    def __init__(self, record: Record, oracle: Oracle) -> None:
        self.record = record
        self.register = register = oracle.register
        self.on = on = _first_day(record)
        self.areas = oracle.areas(on) if on else {}
        self.host = self._host()
        self.home, self.home_number = self._home()
        self.line = register.lines.get(record.service_code or "")
        self.status = register.line_status(self.line.code, on) if self.line and on else None
        self.in_prison_list = record.practice in oracle.prison_practices
        self.in_armed_forces_list = record.practice in oracle.armed_forces_practices

    def _host(self) -> Area | None:
        if self.on is None or self.record.provider is None:
            return None
        icb = self.register.host_icb(self.record.provider, self.on)
        return self.areas.get(icb) if icb else None

    def _home(self) -> tuple[Area | None, int | None]:
        """The first that resolves of: GP practice's area, area of residence, the host."""
        gp = self.areas.get(self.record.gp_responsibility or "")
        residence = self.areas.get(self.record.residence_responsibility or "")
        if gp and gp.kind == "sub_icb":
            return gp, 1
        if gp and gp.kind == "icb":
            return gp, 2
        if residence and residence.kind == "sub_icb":
            return residence, 3
        if residence and residence.kind == "icb":
            return residence, 4
        if self.host:
            return self.host, 5
        return None, None

    @property
    def code(self) -> str:
        return self.record.service_code or ""

    @property
    def category(self) -> str | None:
        return self.record.submitted_category

    @property
    def responsible(self) -> str:
        return self.record.gp_responsibility or self.record.residence_responsibility or ""

    def names_no_line(self) -> bool:
        """Unknown, blank, 99999999, or a specialised code that is not applicable on the day."""
        if self.line is None or self.code == "99999999":
            return True
        return self.code.startswith("NCBPS") and self.status == "NOT APPLICABLE"

    def home_is_delegated(self) -> bool:
        if self.home is None or self.on is None:
            return False
        return self.register.arrangement(self.home.region, self.on) == "delegated"

    def home_hub(self) -> str | None:
        return self.register.hub(self.home.region, self.on) if self.home and self.on else None

    def host_hub(self) -> str | None:
        return self.register.hub(self.host.region, self.on) if self.host and self.on else None

    def home_justice_hub(self) -> str | None:
        return self.register.justice_hub(self.home.region, self.on) if self.home and self.on else None

    def by_grouping(self, acute: str, mental_health: str) -> str:
        """The category of a line that has a colour on the day."""
        return mental_health if self.line and self.line.grouping == "Mental Health" else acute

    def as_submitted(self) -> str:
        return "22" if self.category in {"22", "26"} else "21"


@dataclass(frozen=True)
class Row:
    """One row of the decision table. `place`: `0` none is needed, `H` the host is, `home` the home is."""

    step: str
    holds: Callable[[Case], bool]
    commissioner: Callable[[Case], str | None]
    category: Callable[[Case], str | None]
    place: str
    arrangement: str | None = None


TABLE = [
    Row(
        "NF",
        holds=lambda case: case.category in {"31", "32", "41"},
        commissioner=lambda case: "X24",
        category=lambda case: case.category,
        place="0",
    ),
    Row(
        "A",
        holds=lambda case: (case.record.submitted_commissioner or "").startswith("VPP"),
        commissioner=lambda case: None,
        category=lambda case: None,
        place="0",
    ),
    Row(
        "B",
        holds=lambda case: any(pattern.match(case.responsible) for pattern in DEVOLVED),
        commissioner=lambda case: case.responsible,
        category=lambda case: None,
        place="0",
    ),
    Row(
        "HC",
        holds=lambda case: (
            case.record.point_of_delivery in {"DRUG", "DEVICE"} and case.category in SPECIALISED
        ),
        commissioner=lambda case: case.home_hub(),
        category=lambda case: "21",
        place="home",
        arrangement="retained",
    ),
    Row(
        "N",
        holds=lambda case: case.on is not None and case.on < STATUSES_BEGIN and case.code.startswith("NCBPS"),
        commissioner=lambda case: case.host_hub(),
        category=lambda case: case.as_submitted(),
        place="H",
        arrangement="national",
    ),
    Row(
        "C1",
        holds=lambda case: case.status == "AMBER",
        commissioner=lambda case: case.home_hub(),
        category=lambda case: case.by_grouping("21", "22"),
        place="home",
        arrangement="retained",
    ),
    Row(
        "C2",
        holds=lambda case: (
            case.status in {"RED", "BLUE"} or (case.names_no_line() and case.category in SPECIALISED)
        ),
        commissioner=lambda case: case.host_hub(),
        category=lambda case: (
            case.by_grouping("21", "22") if case.status in {"RED", "BLUE"} else case.as_submitted()
        ),
        place="H",
        arrangement="retained",
    ),
    Row(
        "D",
        holds=lambda case: (
            (case.record.treatment_function in DENTAL_TREATMENT_FUNCTIONS and case.status != "GREEN")
            or case.category in {"51", "55"}
        ),
        commissioner=lambda case: case.home.code if case.home else None,
        category=lambda case: "55",
        place="home",
    ),
    Row(
        "E",
        holds=lambda case: (
            (case.category in {"71", "75"} or case.in_prison_list) and case.record.point_of_delivery != "AE"
        ),
        commissioner=lambda case: case.home_justice_hub(),
        category=lambda case: "71",
        place="home",
    ),
    Row(
        "F",
        holds=lambda case: case.code.startswith("NCBPH") or case.category in {"81", "85"},
        commissioner=lambda case: case.home.region if case.home else None,
        category=lambda case: "81",
        place="home",
    ),
    Row(
        "J",
        holds=lambda case: case.category == "61" or case.in_armed_forces_list,
        commissioner=lambda case: "13Q",
        category=lambda case: "61",
        place="0",
    ),
    Row(
        "G1",
        holds=lambda case: case.status == "GREEN" and case.home_is_delegated(),
        commissioner=lambda case: case.home.code if case.home else None,
        category=lambda case: case.by_grouping("25", "26"),
        place="home",
        arrangement="delegated",
    ),
    Row(
        "G2",
        holds=lambda case: case.status == "GREEN",
        commissioner=lambda case: case.home_hub(),
        category=lambda case: case.by_grouping("21", "22"),
        place="home",
        arrangement="joint",
    ),
    Row(
        "Z",
        holds=lambda case: True,
        commissioner=lambda case: case.home.code if case.home else None,
        category=lambda case: "12",
        place="home",
    ),
]


class Oracle:
    """Answers for single records from a register and the two practice lists."""

    def __init__(
        self,
        register: Register,
        prison_practices: Iterable[str] = (),
        armed_forces_practices: Iterable[str] = (),
    ) -> None:
        self.register = register
        self.prison_practices = frozenset(prison_practices)
        self.armed_forces_practices = frozenset(armed_forces_practices)
        self.areas = lru_cache(maxsize=None)(register.areas)

    def assign(self, record: Record) -> Assignment:
        """Who pays for one record, and why."""
        case = Case(record, self)
        row = next(row for row in TABLE if row.holds(case))
        place = {"0": "0", "H": "H" if case.host else None, "home": case.home_number}[row.place]
        commissioner, category, arrangement = row.commissioner(case), row.category(case), row.arrangement
        reason = f"{row.step}-{place}"
        if place is None:
            commissioner, category, arrangement, reason = None, None, None, f"X-{row.step}"
        return Assignment(
            home_area=case.home.code if case.home else None,
            home_icb=case.home.icb if case.home else None,
            home_region=case.home.region if case.home else None,
            host_icb=case.host.icb if case.host else None,
            host_region=case.host.region if case.host else None,
            assigned_commissioner=commissioner,
            assigned_category=category,
            reason=reason,
            arrangement=arrangement,
            commissioner_differs=commissioner is not None and commissioner != record.submitted_commissioner,
            category_differs=category is not None and category != record.submitted_category,
        )


def _first_day(record: Record) -> date | None:
    """None where the year is not six digits of two following years, or the month not 1 to 12."""
    if record.month is None or not re.fullmatch(r"[0-9]{6}", record.financial_year or ""):
        return None
    try:
        return Month(FinancialYear.parse(record.financial_year or ""), record.month).start
    except (PeriodError, ValueError):  # a ValueError is the year 10000
        return None

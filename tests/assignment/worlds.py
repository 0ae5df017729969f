"""Records for the assignment tests: from a seeded generator, or drawn from edge values by Hypothesis."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pyarrow as pa
from hypothesis import strategies as st

from speccom.assignment import ASSIGNED_COLUMNS, assign, register_lookups
from speccom.assignment.oracle import Assignment, Record
from speccom.engine import Engine, open_engine
from speccom.register import Register

PRISON_PRACTICES = ["Y12345", "Y00001"]
ARMED_FORCES_PRACTICES = ["A99999", "Y00001"]  # Y00001 is in both lists

# The months on both sides of every change: ICBs begin, delegation, reorganisation; and unreadable ones.
MONTHS: list[tuple[str | None, int | None]] = [
    ("202122", 12),
    ("202223", 3),
    ("202223", 4),
    ("202223", 12),
    ("202324", 1),
    ("202324", 12),
    ("202425", 1),
    ("202425", 12),
    ("202526", 1),
    ("202526", 12),
    ("202627", 1),
    ("202930", 6),
]
UNREADABLE_MONTHS: list[tuple[str | None, int | None]] = [
    ("202526", 13),
    ("202526", 0),
    ("2025/26", 1),
    ("202527", 1),
    ("2526", 1),
    ("999900", 12),
    (None, 1),
    ("202526", None),
]
CATEGORIES = [
    *("12", "21", "22", "25", "26", "31", "32", "41", "51", "55", "61"),
    *("71", "75", "81", "85", "91", "92", "93", "98", "99", "XX"),
]
POINTS_OF_DELIVERY = ["AE", "BLOCK", "DC", "DEVICE", "DRUG", "EL", "NEL", "OPFA"]
TREATMENT_FUNCTIONS = ["100", "140", "144", "145", "217", "340", "400", "450", "451", "452"]
DEVOLVED = ["7A1", "7A7", "S08Z", "S99ABC", "ZT001", "ZT"]
ALMOST_DEVOLVED = ["7A8", "7A0", "7A11", "S0E4D", "S8Z", "S08", "Z4H8X", "XZT001", "X7A1"]
PRACTICES = [*PRISON_PRACTICES, "A99999", "P81001", "V81997"]
COMMISSIONERS = ["VPP", "VPP00", "XVPP", "13Q", "13R", "14A", "QOP", "X24"]
ODD_CODES = ["NCBPSZZZ", "NCBPHZZZ", "NCBPS", "XNCBPS01A", "NCBPH", "UNKNOWN", "99999999"]


class World:
    """The register's codes, and some that no register holds, from which records are made."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.areas = [
            code
            for code, organisation in register.organisations.items()
            if organisation.role in {"integrated care board", "sub-ICB location"}
        ]
        self.lines = [*register.lines, *ODD_CODES]
        self.providers = [*register.providers, "RQF", "UNKNOWN", "NT1"]

    def records(self, count: int, seed: int) -> list[Record]:
        """`count` records, the same for the same seed; edge values are common in them."""
        draw = random.Random(seed)

        def some(*groups: tuple[int, Sequence[str | None]]) -> str | None:
            (values,) = draw.choices([values for _, values in groups], [weight for weight, _ in groups])
            return draw.choice(values)

        def area() -> str | None:
            edge = [*DEVOLVED, *ALMOST_DEVOLVED, "D4U1Y", "QNQ", "Q99"]
            return some((5, self.areas), (3, [None]), (2, edge))

        def record() -> Record:
            financial_year, month = draw.choice(UNREADABLE_MONTHS if draw.random() < 0.05 else MONTHS)
            return Record(
                financial_year,
                month,
                provider=some((19, self.providers), (1, [None])),
                submitted_commissioner=some((5, COMMISSIONERS), (4, self.areas), (1, [None])),
                submitted_category=some((8, CATEGORIES), (8, ["12", "21"]), (1, [None])),
                service_code=some((10, self.lines), (2, ODD_CODES), (1, [None])),
                point_of_delivery=some((9, POINTS_OF_DELIVERY), (1, [None])),
                treatment_function=some((9, TREATMENT_FUNCTIONS), (1, [None])),
                gp_responsibility=area(),
                residence_responsibility=area(),
                practice=some((1, PRACTICES), (4, [None])),
            )

        return [record() for _ in range(count)]

    def any_records(self) -> st.SearchStrategy[list[Record]]:
        """Lists of records drawn from edge values and odd text, which shrink to the simplest that fails."""
        text = st.text("ABCNPSVZQ0123456789 '%_$\\é", min_size=1, max_size=8).filter(
            lambda code: code == code.strip()
        )

        def one_of(*groups: Iterable[str]) -> st.SearchStrategy[str | None]:
            return st.one_of(st.none(), *(st.sampled_from(sorted(set(group))) for group in groups), text)

        area = one_of(self.areas, DEVOLVED, ALMOST_DEVOLVED, ["D4U1Y", "QNQ"])
        return st.lists(
            st.builds(
                lambda period, **fields: Record(*period, **fields),
                st.sampled_from([*MONTHS, *UNREADABLE_MONTHS]),
                provider=one_of(self.providers),
                submitted_commissioner=one_of(COMMISSIONERS),
                submitted_category=one_of(CATEGORIES),
                service_code=one_of(self.lines, ODD_CODES),
                point_of_delivery=one_of(POINTS_OF_DELIVERY),
                treatment_function=one_of(TREATMENT_FUNCTIONS),
                gp_responsibility=area,
                residence_responsibility=area,
                practice=one_of(PRACTICES),
            ),
            min_size=1,
            max_size=40,
        )


def table_of(records: Sequence[Record]) -> pa.Table:
    """Records as the SQL reads them, with a row number first and a column that it does not know last."""
    text, columns = pa.string(), {"row": pa.array(range(len(records)), pa.int64())}
    for name in Record.__dataclass_fields__:
        kind = pa.int32() if name == "month" else text
        columns[name] = pa.array([getattr(record, name) for record in records], kind)
    columns["carried"] = pa.array([f"carried {number}" for number in range(len(records))], text)
    return pa.table(columns)


def assign_on(engine: Engine, register: Register, records: pa.Table) -> None:
    """Define `assigned` on an engine for a table of records, with the test's practice lists."""
    months = zip(records["financial_year"].to_pylist(), records["month"].to_pylist(), strict=True)
    engine.register("records", records)
    register_lookups(engine, register, set(months), PRISON_PRACTICES, ARMED_FORCES_PRACTICES)
    assign(engine)


def assigned(register: Register, records: pa.Table) -> pa.Table:
    """What DuckDB gives, in the order of the rows' numbers."""
    with open_engine("duckdb") as engine:
        assign_on(engine, register, records)
        return engine.fetch("select * from assigned order by row nulls last")


def assignments(table: pa.Table) -> list[Assignment]:
    return [Assignment(**row) for row in table.select(ASSIGNED_COLUMNS).to_pylist()]

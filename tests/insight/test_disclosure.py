"""Attacks on what is published: a reader with every table, a linear programme and the price of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from speccom.insight.disclosure import DisclosureError, Protected, Release, protect, protect_release

PRICE = Decimal("1234.56")
Key = tuple[str, ...]
REGION = {"A0": "North", "A1": "North", "A2": "South", "A3": "South", "A4": "South"}


def cells(counts: Mapping[tuple[str, str], int], *, second: str = "provider") -> pa.Table:
    """Cells of area × another dimension, with money at one price that everybody knows."""
    areas, others = [key[0] for key in counts], [key[1] for key in counts]
    return pa.table(
        {
            "area": pa.array(areas, pa.string()),
            "region": pa.array([REGION[area] for area in areas], pa.string()),
            second: pa.array(others, pa.string()),
            "patients": pa.array(counts.values(), pa.int64()),
            "spend": pa.array([PRICE * count for count in counts.values()], pa.decimal128(18, 2)),
        }
    )


def matrix(*rows: Sequence[int]) -> dict[tuple[str, str], int]:
    return {(f"A{i}", f"P{j}"): count for i, row in enumerate(rows) for j, count in enumerate(row)}


class Attack:
    """What follows from published tables alone: rounded counts, money over the price, statuses, sums.

    It is written apart from the code that it attacks, and takes nothing from it but its tables.
    """

    def __init__(
        self,
        tables: Mapping[Key, pa.Table],
        finest: Key,
        above: Mapping[str, Mapping[str, str]],
        priced: bool,
    ) -> None:
        self.finest = finest
        self.keys = [tuple(row[level] for level in finest) for row in tables[finest].to_pylist()]
        self.bounds: list[tuple[float, float | None]] = []
        self.sums: list[list[float]] = []
        self.ends: list[float] = []
        for row in tables[finest].to_pylist():
            self.bounds.append(self._range(row, priced, small_if_primary=True))
        for levels, table in tables.items():
            for row in table.to_pylist() if levels != finest else []:
                members = [float(self._inside(key, row, levels, above)) for key in self.keys]
                low, high = self._range(row, priced, small_if_primary=True)
                low = 0 if row["suppressed"] == "secondary" else low
                self.sums.append([-member for member in members])
                self.ends.append(-low)
                if high is not None:
                    self.sums.append(members)
                    self.ends.append(high)

    @staticmethod
    def _range(row: Mapping[str, object], priced: bool, small_if_primary: bool) -> tuple[float, float | None]:
        if row["suppressed"] == "primary":
            return 1, 7
        if row["suppressed"] == "secondary":
            return 8, None
        if priced:
            exact = float(Decimal(str(row["spend"])) / PRICE)
            return exact, exact
        rounded = int(str(row["patients"]))
        return (0, 0) if rounded == 0 else (max(8, rounded - 2), rounded + 2)

    def _inside(
        self, key: Key, row: Mapping[str, object], levels: Key, above: Mapping[str, Mapping[str, str]]
    ) -> bool:
        held = dict(zip(self.finest, key, strict=True))
        return all(
            row[level] == (held[level] if level in held else above[level][held["area"]]) for level in levels
        )

    def interval(self, weights: Sequence[float]) -> tuple[float, float]:
        """The least and the most that a sum of finest cells can be."""
        ends = []
        for sign in (1, -1):
            answer = linprog(
                [sign * weight for weight in weights],
                A_ub=self.sums or None,
                b_ub=self.ends or None,
                bounds=self.bounds,
                method="highs",
            )
            assert answer.status in (0, 3), answer.message  # solved, or without end
            ends.append(sign * answer.fun if answer.status == 0 else -sign * np.inf)
        return ends[0], ends[1]

    def cell(self, key: Key) -> tuple[float, float]:
        return self.interval([float(each == key) for each in self.keys])


def attacked(protected: Protected, finest: Key, *, priced: bool) -> Attack:
    return Attack(protected.tables, finest, {"region": REGION}, priced)


def assert_no_small_count_is_narrowed(
    protected: Protected, counts: Mapping[Key, int], finest: Key, *, priced: bool
) -> None:
    attack = attacked(protected, finest, priced=priced)
    for key, count in counts.items():
        if 1 <= count <= 7:
            low, high = attack.cell(key)
            assert low <= 1 + 1e-6 and high >= 7 - 1e-6, (key, count, low, high)
    for levels in protected.tables:
        for row in protected.tables[levels].to_pylist() if levels != finest else []:
            members = [float(attack._inside(key, row, levels, {"region": REGION})) for key in attack.keys]
            true = sum(counts[key] for key, member in zip(attack.keys, members, strict=True) if member)
            if 1 <= true <= 7:
                parts = sum(
                    counts[key] > 0 for key, inside in zip(attack.keys, members, strict=True) if inside
                )
                low, high = attack.interval(members)
                assert row["suppressed"] and low <= parts + 1e-6 and high >= 7 - 1e-6, (
                    levels,
                    row,
                    low,
                    high,
                )


counts_of_cells = st.one_of(st.just(0), st.integers(1, 7), st.integers(8, 40))


@st.composite
def matrices(draw: st.DrawFn) -> dict[tuple[str, str], int]:
    """Matrices with rows of one or two cells, empty ones and full ones."""
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    return matrix(
        *draw(
            st.lists(
                st.lists(counts_of_cells, min_size=width, max_size=width), min_size=height, max_size=height
            )
        )
    )


@settings(max_examples=60, deadline=None)
@given(counts=matrices(), priced=st.booleans(), regions=st.booleans())
def test_no_small_count_can_be_worked_out_from_all_tables_together(
    counts: dict[tuple[str, str], int], priced: bool, regions: bool
) -> None:
    protected = protect(
        cells(counts),
        dimensions=["area", "provider"],
        counts=["patients"],
        money=["spend"] if priced else [],
        hierarchies={"area": ["region"]} if regions else {},
    )
    assert_no_small_count_is_narrowed(protected, counts, ("area", "provider"), priced=priced)


def test_small_counts_linked_by_few_cells_are_protected_by_withholding_totals() -> None:
    """Several small cells here compete for the same few that can be withheld."""
    counts = matrix([6, 13], [0, 0], [0, 0], [0, 2])
    shown = protect(
        cells(counts),
        dimensions=["area", "provider"],
        counts=["patients"],
        money=["spend"],
        hierarchies={"area": ["region"]},
    )
    assert_no_small_count_is_narrowed(shown, counts, ("area", "provider"), priced=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(counts_of_cells, min_size=12, max_size=12), st.booleans())
def test_areas_providers_and_months_together_give_no_small_count_away(
    values: list[int], priced: bool
) -> None:
    keys = list(product(("A0", "A1"), ("P0", "P1"), ("2025-04", "2025-05", "2025-06")))
    counts = dict(zip(keys, values, strict=True))
    table = pa.table(
        {
            **{
                name: [key[place] for key in keys] for place, name in enumerate(("area", "provider", "month"))
            },
            "patients": pa.array(values, pa.int64()),
            "spend": pa.array([PRICE * value for value in values], pa.decimal128(18, 2)),
        }
    )
    finest = ("area", "provider", "month")
    shown = protect(table, dimensions=finest, counts=["patients"], money=["spend"] if priced else [])
    assert len(shown.tables) == 8
    assert_no_small_count_is_narrowed(shown, counts, finest, priced=priced)


def test_the_attack_solves_a_table_that_hides_small_counts_and_nothing_else() -> None:
    counts = matrix([3, 20, 30], [12, 40, 9], [25, 16, 5])
    naive = {}
    for levels in (("area", "provider"), ("area",), ("provider",), ()):
        rows = {}
        for (area, provider), count in counts.items():
            held = {"area": area, "provider": provider}
            key = tuple(held[level] for level in levels)
            rows[key] = rows.get(key, 0) + count
        small = [1 <= count <= 7 for count in rows.values()]
        naive[levels] = pa.table(
            {
                **{level: [key[place] for key in rows] for place, level in enumerate(levels)},
                "patients": [
                    None if hid else 5 * ((n + 2) // 5) for n, hid in zip(rows.values(), small, strict=True)
                ],
                "spend": [None if hid else PRICE * n for n, hid in zip(rows.values(), small, strict=True)],
                "suppressed": ["primary" if hid else None for hid in small],
            }
        )
    attack = Attack(naive, ("area", "provider"), {}, priced=True)
    assert attack.cell(("A0", "P0")) == pytest.approx((3, 3))
    assert attack.cell(("A2", "P2")) == pytest.approx((5, 5))
    assert_no_small_count_is_narrowed(
        protect(cells(counts), dimensions=["area", "provider"], counts=["patients"], money=["spend"]),
        counts,
        ("area", "provider"),
        priced=True,
    )


def test_everybody_but_one_provider_does_not_give_that_provider_away() -> None:
    counts = {("A0", "P0"): 4, ("A0", "P1"): 50, ("A0", "P2"): 60, ("A0", "P3"): 9}
    shown = protect(cells(counts), dimensions=["area", "provider"], counts=["patients"], money=["spend"])
    rows = {row["provider"]: row for row in shown.table("provider", "area").to_pylist()}
    assert rows["P0"]["suppressed_because"] == "1 to 7"
    assert rows["P0"]["patients"] is None and rows["P0"]["spend"] is None
    assert [rows[each]["suppressed"] for each in ("P1", "P2", "P3")].count("secondary") == 1
    withheld = next(row for row in rows.values() if row["suppressed"] == "secondary")
    assert withheld["suppressed_because"] == "withheld so that another number cannot be worked out"
    assert withheld["spend"] is None
    assert shown.table().to_pylist()[0]["patients"] == 125


def test_a_month_is_not_given_away_by_the_year_to_date() -> None:
    counts = {(f"A{i}", f"2025-{m:02}"): (i * 7 + m * 5) % 23 for i, m in product(range(3), range(4, 10))}
    shown = protect(
        cells(counts, second="month"), dimensions=["area", "month"], counts=["patients"], money=["spend"]
    )
    assert_no_small_count_is_narrowed(shown, counts, ("area", "month"), priced=True)


def test_a_total_of_seven_patients_of_seven_areas_is_not_said_to_be_small() -> None:
    """Were it, each area would be known to have one."""
    table = pa.table({"area": [f"A{i}" for i in range(7)], "patients": pa.array([1] * 7, pa.int64())})
    shown = protect(table, dimensions=["area"], counts=["patients"])
    assert shown.table().to_pylist()[0]["suppressed"] == "secondary"


def test_nothing_is_said_to_be_nothing_and_the_rest_is_rounded() -> None:
    shown = protect(cells(matrix([0, 8, 12, 13])), dimensions=["area", "provider"], counts=["patients"])
    assert shown.table("area", "provider")["patients"].to_pylist() == [0, 10, 10, 15]
    assert shown.table()["patients"].to_pylist() == [35]
    assert shown.hidden() == {"primary": 0, "secondary": 0}
    assert "1 to 7" in shown.note and "nearest 5" in shown.note


def test_asking_in_another_order_hides_the_same_cells() -> None:
    counts = matrix([3, 20, 30], [12, 40, 9], [25, 16, 5])
    table = cells(counts)
    once = protect(table, dimensions=["area", "provider"], counts=["patients"], money=["spend"])
    again = protect(table, dimensions=["area", "provider"], counts=["patients"], money=["spend"])
    assert all(once.tables[levels].equals(again.tables[levels]) for levels in once.tables)
    backwards = table.take(pa.array(range(table.num_rows - 1, -1, -1)))
    other = protect(backwards, dimensions=["area", "provider"], counts=["patients"], money=["spend"])
    assert all(once.tables[levels].equals(other.tables[levels]) for levels in once.tables)


def people(*members: Iterable[int]) -> Release:
    """One area, a provider for each set of people, and how many there are in all."""
    groups = [set(each) for each in members]
    table = pa.table(
        {
            "provider": [f"P{place}" for place in range(len(groups))],
            "patients": pa.array([len(group) for group in groups], pa.int64()),
        }
    )
    everyone = pa.table({"patients": pa.array([len(set().union(*groups))], pa.int64())})
    return Release(table, ["provider"], ["patients"], distinct=["patients"], totals={(): everyone})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.integers(0, 40)), min_size=1, max_size=5))
def test_people_counted_once_are_not_given_away_by_the_largest_or_the_sum(groups: list[set[int]]) -> None:
    """The reader knows that all people are at least each group and at most their sum."""
    shown = protect_release(people(*groups))
    rows, (total,) = shown.table("provider").to_pylist(), shown.table().to_pylist()
    ranges = [Attack._range(row, False, True) for row in (*rows, total)]
    ranges[-1] = (0, None) if total["suppressed"] == "secondary" else ranges[-1]
    size = len(groups)
    union_at_most_sum = [[*([-1.0] * size), 1.0]]
    each_at_most_union = [[*(float(i == j) for j in range(size)), -1.0] for i in range(size)]
    for place, group in enumerate(groups):
        if not 1 <= len(group) <= 7:
            continue
        ends = []
        for sign in (1.0, -1.0):
            objective = [sign * (place == j) for j in range(size + 1)]
            answer = linprog(
                objective,
                A_ub=union_at_most_sum + each_at_most_union,
                b_ub=[0.0] * (size + 1),
                bounds=ranges,
                method="highs",
            )
            ends.append(sign * answer.fun)
        assert ends[0] <= 1 + 1e-6 and ends[1] >= 7 - 1e-6


def test_two_counts_of_a_cell_are_hidden_together() -> None:
    table = pa.table(
        {
            "area": ["A", "B", "C", "D"],
            "patients": pa.array([3, 20, 30, 40], pa.int64()),
            "lines": pa.array([9, 60, 90, 70], pa.int64()),
        }
    )
    shown = protect(table, dimensions=["area"], counts=["patients", "lines"])
    first = shown.table("area").to_pylist()[0]
    assert first["patients"] is None and first["lines"] is None
    assert first["suppressed_because"] == "one of its counts is 1 to 7"


def changed(name: str, values: list[object], kind: pa.DataType) -> pa.Table:
    table = cells(matrix([10, 20]))
    return table.set_column(table.column_names.index(name), name, pa.array(values, kind))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (cells(matrix([10, 20])).drop_columns(["patients"]), "no column 'patients'"),
        (changed("patients", [10, -1], pa.int64()), "Row 2 .* has -1 as patients"),
        (changed("patients", [None, 1], pa.int64()), "Row 1 .* has no patients"),
        (changed("patients", [1.5, 1], pa.float64()), "a count is a whole number"),
        (changed("spend", [1.5, 1], pa.float64()), "money is an exact decimal"),
        (changed("provider", ["P0", "P0"], pa.string()), "there more than once"),
        (changed("region", ["North", "South"], pa.string()), "A0 is in more than one region"),
    ],
)
def test_a_table_that_cannot_be_protected_is_refused(table: pa.Table, said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        protect(
            table,
            dimensions=["area", "provider"],
            counts=["patients"],
            money=["spend"],
            hierarchies={"area": ["region"]},
        )


def test_a_table_outside_the_release_is_refused() -> None:
    release = Release(cells(matrix([10, 20])), ["area", "provider"], ["patients"], tables=[("area",)])
    shown = protect_release(release)
    with pytest.raises(DisclosureError, match="no table by provider"):
        shown.table("provider")
    with pytest.raises(DisclosureError, match="no level"):
        protect_release(Release(release.cells, ["area"], ["patients"], tables=[("ward",)]))
    with pytest.raises(DisclosureError, match="has to be given"):
        protect_release(Release(release.cells, ["provider"], ["patients"], distinct=["patients"]))


def test_an_empty_table_is_published_as_it_is() -> None:
    shown = protect(cells({}), dimensions=["area", "provider"], counts=["patients"], money=["spend"])
    assert shown.table("area").num_rows == 0

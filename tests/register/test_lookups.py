"""What other parts of Speccom ask the register: areas, hubs, hosts, populations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from speccom.register import Area, Register

REGISTER = Register.load()


@pytest.mark.parametrize(
    ("on", "boards", "locations"),
    [("2022-06-30", 0, 0), ("2022-07-01", 42, 138), ("2026-03-31", 42, 138), ("2026-04-01", 36, 137)],
)
def test_areas_are_those_of_the_day(on: str, boards: int, locations: int) -> None:
    areas = REGISTER.areas(date.fromisoformat(on)).values()
    assert sum(area.kind == "icb" for area in areas) == boards
    assert sum(area.kind == "sub_icb" for area in areas) == locations


def test_an_area_knows_its_board_and_region() -> None:
    assert REGISTER.areas(date(2026, 3, 31))["93C"] == Area("93C", "sub_icb", "QMJ", "Y56")
    assert REGISTER.areas(date(2026, 4, 1))["93C"] == Area("93C", "sub_icb", "Z9B2Z", "Y56")
    assert REGISTER.areas(date(2026, 4, 1), date(2025, 9, 8))["93C"] == Area("93C", "sub_icb", "QMJ", "Y56")
    assert "D4U1Y" not in REGISTER.areas(date(2026, 4, 1))


def test_every_region_has_both_its_hubs() -> None:
    assert REGISTER.hub("Y60", date(2024, 5, 1)) == "14A"
    assert REGISTER.justice_hub("Y60", date(2024, 5, 1)) == "14Q"
    assert REGISTER.hub("Y60", date(2020, 3, 31)) is None
    assert REGISTER.hub("W00", date(2024, 5, 1)) is None


@pytest.mark.parametrize(
    ("provider", "on", "host"),
    [
        ("RRV", "2026-03-31", "QMJ"),
        ("RRV", "2026-04-01", "Z9B2Z"),  # the whole of its board went to one other
        ("RWX", "2026-03-31", "QNQ"),
        ("RWX", "2026-04-01", None),  # its board was split
        ("RJE", "2026-04-01", "QNC"),
        ("RJE", "2022-06-30", None),  # before there were boards
        ("RQF", "2024-05-01", None),  # in Wales
        ("ZZZ", "2024-05-01", None),
    ],
)
def test_a_host_follows_whole_successions_only(provider: str, on: str, host: str | None) -> None:
    assert REGISTER.host_icb(provider, date.fromisoformat(on)) == host


def test_need_is_of_a_year_and_a_board() -> None:
    assert REGISTER.population("QE1", "2024/25") == Decimal("1824969.8")
    assert REGISTER.need_index("ENG", "202526") == Decimal("1.0")
    assert REGISTER.population("QE1", "2023/24") is None
    assert REGISTER.population("Z9B2Z", "2025/26") is None


def test_lines_and_services_have_names_and_kinds() -> None:
    line = REGISTER.lines["NCBPS11B"]
    assert (line.service_ref, line.grouping, line.kind) == ("15", "Acute", "service line")
    assert REGISTER.services["15"].name == "Adult specialist renal services"
    assert REGISTER.services["ACC"].name == "Adult critical care services"


def test_the_snapshot_names_the_content() -> None:
    assert REGISTER.snapshot == Register.load().snapshot
    assert len(REGISTER.snapshot) == 16

"""The public pages of money: what leads to them, what each answers, and how every number opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.need_worlds import worked
from tests.insight.worlds import ledger, many_boards
from tests.site.reading import Read, words

from speccom.finance.inputs import import_baselines, import_market_forces
from speccom.finance.needs.example import rows
from speccom.finance.needs.kept import keep
from speccom.finance.target import core_boards
from speccom.period import FinancialYear
from speccom.site.core.library import register
from speccom.workspace import Workspace

ALLOCATION = "/finance/allocation/"
EXPLAIN = "/finance/explain/allocation/"
PAGES = [
    ALLOCATION,
    f"{ALLOCATION}?k=30&cmax=2&floor=5&no_overshoot=yes&years=3",
    f"{ALLOCATION}?baseline=last&gmin=1&gmax=9&u0=1&u1=5&k=50&growth=3",
    f"{ALLOCATION}?boundaries=2026-04-01&year=2024/25&k=20",
]
BUILT = {
    "shares": "built",
    "w_general_acute": "70",
    "w_mental_health": "30",
    "h": "10",
    "mff": "without",
}


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = Workspace(tmp_path / "workspace").make()
    yield settings.WORKSPACE


def board_list(tmp_path: Path, heading: str, value: str) -> Path:
    path = tmp_path / f"{heading}.csv"
    boards = core_boards(register(), FinancialYear(2025))
    path.write_text(
        f"icb_ods_code,{heading}\n" + "".join(f"{each},{value}\n" for each in boards), encoding="utf-8"
    )
    return path


def test_the_first_page_of_money_is_led_to_from_every_page(read: Read) -> None:
    assert "Finance" in read("/")
    page = read("/finance/")
    assert "Every number on these pages opens" in page
    assert "Allocations and the pace of change" in page


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_what_stands_in_and_that_it_is_no_allocation(client: Client, address: str) -> None:
    response = client.get(address)
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert not re.search(r"\sstyle=", html)
    for said in (
        "This is a calculation and no allocation",
        "stands in for need for specialised services",
        "Baselines are made for illustration",
        "The numbers",
    ):
        assert said in html
    assert "Synthetic data." not in html


def test_nothing_set_shows_an_example_that_is_said_to_be_no_policy(read: Read) -> None:
    assert "These settings are Speccom’s own" in read(ALLOCATION)
    assert "These settings are Speccom’s own" not in read(ALLOCATION, k="20")


def test_blank_settings_set_no_limit_so_that_all_boards_grow_alike(client: Client, read: Read) -> None:
    page = read(ALLOCATION, years="1", growth="5", total="1000000")
    assert "between 5.00%" in page and "and 5.00%" in page
    held = client.get(
        ALLOCATION, {"years": "1", "growth": "5", "download": "allocations.csv"}
    ).content.decode()
    assert held.startswith("Board,Code,Baseline (£),Target (£)")


def test_the_form_keeps_what_was_asked(client: Client) -> None:
    html = client.get(ALLOCATION, {"k": "12.5", "baseline": "last", "no_overshoot": "yes"}).content.decode()
    assert 'name="k"' in html and 'value="12.5"' in html
    assert '<option value="last" selected>' in html
    assert re.search(r'id="no_overshoot"[^>]*checked', html)
    assert '<option value="2025/26" selected>' in html


def test_the_table_as_a_file_has_exact_pounds_that_sum_to_the_money(client: Client) -> None:
    asked = {"k": "20", "years": "1", "total": "1000000.00", "growth": "0", "download": "allocations.json"}
    found = client.get(ALLOCATION, asked).json()
    pennies = sum(round(float(row["Allocation (£)"]) * 100) for row in found["rows"])
    assert (pennies, len(found["rows"])) == (100_000_000, 42)
    assert any("core services" in source for source in found["sources"])


def numbers_of(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(rf'href="({EXPLAIN}[^"]+)"', html)]


def test_every_number_opens_to_its_formula_and_sources_and_back(client: Client) -> None:
    html = client.get(ALLOCATION, {"k": "20", "floor": "5", "years": "2"}).content.decode()
    opened = numbers_of(html)
    assert len(opened) > 42 * 6
    kinds = {re.search(r"number=(\w+)", each)[1]: each for each in opened}  # type: ignore[index]
    assert len(kinds) >= 10
    for number, address in kinds.items():
        page = client.get(address).content.decode()
        assert 'href="/finance/allocation/?' in page, number
        assert "What the confidences mean" in page, number
    page = words(client.get(kinds["allocation"]).content.decode())
    for said in (
        "A = max(B × (1 + g), (1 − f) × T)",
        "c = −sign(d)",
        "inferred",
        "chosen",
        "ICB place based",
    ):
        assert said in page


def test_a_later_year_opens_to_the_year_before(client: Client) -> None:
    page = client.get(EXPLAIN, {"k": "20", "years": "2", "area": "QE1", "in_year": "2"}).content.decode()
    before = [each for each in numbers_of(page) if "in_year=1" in each]
    assert before
    assert client.get(before[0]).status_code == 200


def test_merged_boards_are_the_sum_of_those_before_and_split_ones_are_named(read: Read) -> None:
    page = read(ALLOCATION, k="20", boundaries="2026-04-01")
    assert "West and North London" in page
    assert "QNQ was split between" in page
    opened = read(EXPLAIN, k="20", boundaries="2026-04-01", area="Z9B2Z")
    assert "(QMJ)" in opened and "(QRV)" in opened
    assert "The boards that it followed, added up" in opened


PARTS = {
    "part_QNQ_QRL": "100,000",
    "part_QNQ_S0E4D": "400000",
    "part_QNQ_S9B9J": "300000",
    "part_QM7_D7T5G": "1",
    "part_QM7_S1Y5D": "3",
    "part_QJG_D7T5G": "1",
    "part_QJG_T6Y0W": "2",
}


def test_split_boards_are_shared_out_by_the_weights_of_their_parts(client: Client, read: Read) -> None:
    asked = {
        "k": "20",
        "boundaries": "2026-04-01",
        "years": "1",
        "growth": "0",
        "total": "1000000.01",
    } | PARTS
    page = read(ALLOCATION, **asked)
    assert "between 36 boards" in page
    assert "was split between" not in page
    found = client.get(ALLOCATION, asked | {"download": "allocations.json"}).json()
    for column in ("Baseline (£)", "Allocation (£)"):
        assert sum(round(float(row[column]) * 100) for row in found["rows"]) == 100_000_001
    html = client.get(ALLOCATION, asked).content.decode()
    assert 'name="part_QNQ_QRL"' in html and 'value="100,000"' in html
    opened = read(EXPLAIN, **asked, area="QRL", number="share")
    assert "part = weight here ÷ all weights" in opened and "12.5%" in opened
    assert "S0E4D, S9B9J has no weight" in read(ALLOCATION, 400, part_QNQ_QRL="1")


def test_a_kept_need_model_is_offered_as_the_weighting_and_opens_to_its_own_working(
    client: Client, read: Read, place: Workspace, tmp_path: Path
) -> None:
    boards = {board: f"Y{nth % 4}" for nth, board in enumerate(core_boards(register(), FinancialYear(2025)))}
    kept = keep(place, worked(tmp_path, rows(boards, per_board=3)[0], {"supply_dummies": []}))
    shares = f"need:{kept.key}:{kept.version}"
    asked = {"shares": shares, "h": "0", "mff": "without", "k": "20", "years": "1"}
    html = client.get(ALLOCATION, asked).content.decode()
    assert f'<option value="{shares}" selected>' in html
    page = words(html)
    assert f"need model “{kept.name}” kept in this workspace (version {kept.version}" in page
    assert "and not from core need" in page
    assert "stands in for need for specialised services" not in page
    assert "Synthetic data." in page
    share = client.get(EXPLAIN, asked | {"area": "QE1", "number": "share"}).content.decode()
    of_the_model = [unescape(each) for each in re.findall(r'href="(/finance/explain/need/[^"]+)"', share)]
    assert of_the_model
    opened = words(client.get(of_the_model[0]).content.decode())
    assert "Need-weighted people of QE1" in opened
    assert "health-inequality share h is not given" in read(ALLOCATION, 400, **asked | {"h": ""})
    assert "no people weighted by avoidable mortality" in read(ALLOCATION, 400, **asked | {"h": "10"})
    assert "No need model 'gone' of version '1' is kept" in read(
        ALLOCATION, 404, **asked | {"shares": "need:gone:1"}
    )


def test_a_need_model_of_small_areas_alone_has_no_board_to_give_a_share_to(
    client: Client, place: Workspace, tmp_path: Path
) -> None:
    keep(place, worked(tmp_path, rows({"X1": "Y0", "X2": "Y1", "X3": "Y2"}, per_board=20)[0]))
    assert "Need model:" not in client.get(ALLOCATION).content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"gmin": "50"}, "more than the money"),
        ({"gmax": "1"}, "over. By most growth"),
        ({"k": "fast"}, "k is 'fast'"),
        ({"k": "150"}, "k is 1.5"),
        ({"u0": "5"}, "give both, or neither"),
        ({"years": "11"}, "from 1 to 10"),
        ({"year": "2019/20"}, "no weighted populations of 2019/20"),
        ({"baseline": "wishes"}, "'wishes' is no baseline"),
        ({"baseline": "last", "year": "2024/25"}, "no target shares of 2023/24"),
        ({"total": "lots"}, "The money is 'lots'"),
        ({"shares": "built"}, "No spend weight is given"),
        (BUILT | {"h": ""}, "health-inequality share h is not given"),
        (BUILT | {"w_mental_health": "20"}, "sum to 0.9"),
    ],
)
def test_what_cannot_be_is_refused_with_what_clashes(read: Read, asked: dict[str, str], said: str) -> None:
    assert said in read(ALLOCATION, 400, **asked)


@pytest.mark.usefixtures("place")
def test_what_the_workspace_does_not_hold_is_said_to_be_missing(read: Read) -> None:
    assert "There is no ledger in this workspace" in read(ALLOCATION, 400, baseline="ledger")
    assert "No baselines were imported" in read(ALLOCATION, 400, baseline="imported")
    assert "market forces factor is not given" in read(ALLOCATION, 400, **BUILT | {"mff": ""})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"area": "XXX"}, "'XXX' has no allocation"),
        ({"number": "luck"}, "no number"),
        ({"in_year": "9"}, "no year 9"),
    ],
)
def test_what_is_not_there_cannot_be_opened(read: Read, asked: dict[str, str], said: str) -> None:
    assert said in read(EXPLAIN, 400, **{"area": "QE1", "k": "20"} | asked)


def test_a_built_target_opens_to_its_weights(read: Read) -> None:
    page = read(EXPLAIN, **BUILT, k="20", area="QE1", number="target")
    for said in (
        "WP1 = (1 − h) × NWP + h × WPAM",
        "Share of spend, general acute",
        "Health-inequality share h 10%",
    ):
        assert said in page


def test_imported_baselines_and_factors_are_used(read: Read, place: Workspace, tmp_path: Path) -> None:
    import_baselines(place, register(), board_list(tmp_path, "baseline", "1000000.01"))
    page = read(ALLOCATION, k="20", baseline="imported", growth="0", years="1")
    assert "1,000,000" in page and "Baselines are those imported" in page
    assert "£1,000,000.01" in read(EXPLAIN, k="20", baseline="imported", area="QE1", number="baseline")
    import_market_forces(place, register(), board_list(tmp_path, "market_forces_factor", "1.05"))
    page = read(EXPLAIN, **BUILT | {"mff": ""}, k="20", area="QE1", number="share")
    assert "WP = WP1 × MFF × POP ÷ Σ(WP1 × MFF)" in page


def test_a_ledger_of_made_up_records_is_offered_and_marked(
    read: Read, settings: Settings, tmp_path: Path
) -> None:
    areas = {
        area.icb: code
        for code, area in register().areas(FinancialYear(2025).start).items()
        if area.kind == "sub_icb"
    }
    settings.WORKSPACE = ledger(tmp_path, many_boards(list(areas.values())))
    page = read(ALLOCATION, k="20", baseline="ledger", years="1")
    assert "Synthetic data." in page
    assert "spent on each board’s people" in page
    assert "Synthetic data." in read(EXPLAIN, k="20", baseline="ledger", area="QE1")

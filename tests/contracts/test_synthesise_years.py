"""Made-up files of several years: the same people, and effects that can be found again as planted."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import typer
from tests.contracts.made_up import (
    ACTUAL,
    HALF_YEAR,
    IDENTITY,
    MONTH,
    YEAR,
    digest,
    findings,
    made,
    patient_rows,
    record,
    rows,
)
from typer.testing import CliRunner

from speccom.assignment.oracle import Oracle
from speccom.cli.synthesise import add_commands
from speccom.contracts.receive import files_of
from speccom.contracts.synthesise import (
    Effect,
    PlantedError,
    SynthesiseError,
    planted,
    planted_effects,
    shapes,
)
from speccom.contracts.synthesise.effects import KINDS, TRUTH
from speccom.contracts.synthesise.lines import Lines, draw, unscaled_costs
from speccom.contracts.synthesise.patients import EPOCH
from speccom.contracts.synthesise.places import DEVOLVED_BODIES, boards_before_reorganisation, followed_by
from speccom.contracts.synthesise.shapes import PEOPLE
from speccom.contracts.synthesise.world import World, pence_by_cost
from speccom.contracts.synthesise.years import worlds
from speccom.ledger.build import build
from speccom.ledger.challenges import challenges
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def reorganised(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Path:
    """Clean files of the year before the boards merged and the year after."""
    directory = tmp_path_factory.mktemp("reorganised")
    return made(directory, register, year=2025, last_year=2026, months=[1, 12], lines=6001)


@pytest.fixture(autouse=True)
def _demonstration_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECCOM_PATIENT_KEY", raising=False)


YEARS = [FinancialYear(start) for start in (2023, 2024, 2025)]


@dataclass(frozen=True)
class Year:
    """Every line of one drawn year as columns, with what its places are called."""

    world: World
    lines: Lines
    provider: np.ndarray
    code: np.ndarray
    board: np.ndarray

    def where(self, code: str, board: str | None = None, data_set: int | None = None) -> np.ndarray:
        found = self.code == code
        if board is not None:
            found &= self.board == board
        return found if data_set is None else found & (self.lines.data_set == data_set)

    def patients(self, where: np.ndarray | slice = slice(None)) -> set[int]:
        return set(np.unique(self.lines.patient[where]).tolist()) - {-1}


@pytest.fixture(scope="module")
def drawn(register: Register) -> list[Year]:
    return [drawn_year(register, world) for world in worlds(register, YEARS, list(range(1, 13)), 900_000, 1)]


def drawn_year(register: Register, world: World) -> Year:
    every = list(range(len(world.providers)))
    pence = pence_by_cost(world, every, [unscaled_costs(world, provider) for provider in every])
    parts = [draw(world, provider, pence[:, provider]) for provider in every]
    columns = [field.name for field in dataclasses.fields(Lines)]
    lines = Lines(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})
    places = world.places
    boards = boards_before_reorganisation(register, places.areas[: places.english], world.year.start)
    return Year(
        world=world,
        lines=lines,
        provider=np.repeat(world.providers, [len(part) for part in parts]),
        code=np.array(world.catalogue.codes)[lines.offer],
        board=np.array(boards + places.areas[places.english :])[lines.home],
    )


def effect_of(kind: str, service_lines: str = "", area: str = "") -> Effect:
    """The one planted effect of a kind whose pattern and area hold some text."""
    (found,) = (
        effect
        for effect in planted_effects()
        if effect.kind == kind and service_lines in effect.service_lines and area in effect.area
    )
    return found


def line_of(effect: Effect, register: Register) -> str:
    (code,) = (code for code, line in register.lines.items() if effect.concerns(line.name))
    return code


def people_of(year: Year, board: str | None = None) -> float:
    boards = boards_before_reorganisation(
        Register.load(), year.world.places.areas[: year.world.places.english], year.world.year.start
    )
    return sum(
        float(people)
        for people, own in zip(year.world.places.people, boards, strict=False)
        if board in (None, own)
    )


def test_every_planted_effect_acts_on_something_real(register: Register) -> None:
    boards = {area.icb for area in register.areas(FinancialYear(2025).start).values()}
    for effect in planted_effects():
        assert effect.kind in KINDS
        assert effect.basis.startswith("synthetic assumption")
        assert effect.area == "all" or effect.area in boards
        assert not effect.provider or effect.provider in register.providers
        named = [code for code, line in register.lines.items() if effect.concerns(line.name)]
        assert named or effect.kind == "national_total", effect
    assert {effect.kind for effect in planted_effects()} == set(KINDS)


def test_a_single_year_is_made_as_it_always_was(tmp_path: Path, register: Register) -> None:
    # Taken before there were ranges. Facts of the register are in it: when those of 2025/26 change, so does it.
    directory = made(tmp_path, register, months=HALF_YEAR, lines=3000, seed=5)
    whole = hashlib.sha256()
    for path in sorted(directory.iterdir()):
        whole.update(path.name.encode())
        whole.update(path.read_bytes())
    assert whole.hexdigest() == "9e5ef30cb71d08fd058a0ea061aea6560aab2a9647f31527152ea1518af5683f"


def test_a_range_of_one_year_is_that_year(tmp_path: Path, register: Register) -> None:
    alone = digest(made(tmp_path / "alone", register, lines=1000))
    ranged = digest(made(tmp_path / "ranged", register, lines=1000, last_year=2025))
    assert alone == ranged


def test_two_workers_write_of_several_years_what_one_writes(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = digest(made(tmp_path / "alone", register, lines=1000, last_year=2026, dirt="typical"))
    monkeypatch.setattr("speccom.contracts.synthesise.run._WORTH_SHARING", 1)
    together = digest(
        made(tmp_path / "together", register, lines=1000, last_year=2026, dirt="typical", workers=2)
    )
    assert alone == together


def test_lines_are_those_of_all_years_and_each_year_costs_the_published_total(reorganised: Path) -> None:
    lines: Counter[str] = Counter()
    pounds: dict[str, Decimal] = defaultdict(Decimal)
    for _, row in patient_rows(reorganised):
        lines[row[YEAR]] += 1
        pounds[row[YEAR]] += Decimal(row["TOTAL COST"])
    assert sum(lines.values()) == 6001
    assert all(abs(count - 3000) < 60 for count in lines.values())
    assert pounds == {code: Decimal("4166666666.67") for code in ("202526", "202627")}
    stated = planted(reorganised)["years"]
    assert [year["lines"] for year in stated] == [lines[code] for code in sorted(lines)]
    manifest = (reorganised / "SYNTHETIC.txt").read_text(encoding="utf-8")
    assert "--year 2025/26-2026/27 --months 1,12 --lines 6001" in manifest


def test_aggregate_rows_of_every_year_add_up_to_the_patient_level(reorganised: Path) -> None:
    sums: dict[bool, Counter[tuple[str, ...]]] = {True: Counter(), False: Counter()}
    for name, row in rows(reorganised):
        key = (row[YEAR], *(row[field] for field in IDENTITY))
        sums[name == "ACM"][key] += Decimal(row[ACTUAL if name == "ACM" else "TOTAL COST"])  # type: ignore[assignment]
    assert sums[True] == sums[False]


def test_clean_files_on_either_side_of_the_reorganisation_leave_nothing_to_challenge(
    reorganised: Path, register: Register
) -> None:
    assert unresolved(reorganised, register) == set()


def test_only_months_before_there_were_boards_do_not_resolve(tmp_path: Path, register: Register) -> None:
    directory = made(tmp_path, register, year=2022, last_year=2023, months=[3, 4], lines=4000)
    assert unresolved(directory, register) == {("202223", 3)}


def unresolved(directory: Path, register: Register) -> set[tuple[str, int]]:
    """The months of which a line has no responsible commissioner; that no line is challenged is asserted."""
    oracle = Oracle(register)
    found = set()
    for _, row in rows(directory):
        answer = oracle.assign(record(row))
        assert not answer.commissioner_differs, (row, answer)
        assert not answer.category_differs, (row, answer)
        if answer.reason.startswith("X-"):
            found.add((row[YEAR], int(row[MONTH])))
    return found


def test_what_is_planted_is_told_beside_the_files(reorganised: Path) -> None:
    truth = planted(reorganised)
    assert truth["synthetic"] is True
    assert truth["arguments"]["year"] == "2025/26-2026/27"
    assert [effect["size"] for effect in truth["effects"]] == [effect.size for effect in planted_effects()]
    step = next(effect for effect in truth["effects"] if effect["kind"] == "volume_step")
    assert (step["service_lines"], step["area"], step["start"]) == (["NCBPS14A"], "QWE", "2024-10-01")
    assert {path.suffix for path in files_of(reorganised)} == {".csv"}
    assert (reorganised / TRUTH).exists()


def test_a_single_year_leaves_no_earlier_truth_behind(tmp_path: Path, register: Register) -> None:
    (tmp_path / TRUTH).write_text("{}", encoding="utf-8")
    made(tmp_path, register, months=[1], lines=1000)
    assert not (tmp_path / TRUTH).exists()


def test_people_come_back_year_after_year(drawn: list[Year]) -> None:
    for before, after in pairwise(drawn):
        again = before.patients() & after.patients()
        assert 0.6 < len(again) / len(after.patients()) < 0.9
        assert abs(len(after.patients()) / len(before.patients()) - 1) < 0.03


@pytest.mark.parametrize(
    ("code", "least", "most"), [("NCBPS11B", 0.85, 0.94), ("NCBPS14A", 0.85, 0.94), ("NCBPS01C", 0.3, 0.5)]
)
def test_chronic_patients_come_back_and_others_seldom(
    drawn: list[Year], code: str, least: float, most: float
) -> None:
    for before, after in pairwise(drawn):
        seen = after.patients(after.where(code))
        assert least < len(seen & before.patients(before.where(code))) / len(seen) < most


def test_a_stated_share_of_people_moves_home(drawn: list[Year]) -> None:
    for before, after in pairwise(drawn):
        homes = [dict(zip(year.lines.patient.tolist(), year.board, strict=True)) for year in (before, after)]
        both = homes[0].keys() & homes[1].keys() - {-1}
        moved = sum(homes[0][person] != homes[1][person] for person in both) / len(both)
        assert 0.02 < moved < 0.04


def test_a_person_is_in_one_place_at_a_time(drawn: list[Year]) -> None:
    for year in drawn:
        people = year.world.patients
        assert len(np.unique(people.person)) == len(people.person)
        assert people.count.sum() == len(people.person)


def test_nobody_outgrows_the_kind_of_patient_they_are(drawn: list[Year]) -> None:
    for year in drawn:
        people = year.world.patients
        kind = people.kind(people.person)
        born = people.birth_day(people.person, kind)
        age = ((year.world.year.start - EPOCH).days - born) / 365.25
        assert age[kind == PEOPLE.index("infant")].max() < 1.01
        assert age[kind == PEOPLE.index("child")].max() < 18
        assert age.max() < 96


def test_a_line_grows_and_another_falls_as_planted(drawn: list[Year], register: Register) -> None:
    for service, tolerance in (("positron", 0.08), ("pain", 0.08), ("interstitial", 0.12)):
        growth = [
            effect.size
            for effect in planted_effects()
            if effect.kind == "volume_growth" and service in effect.service_lines
        ]
        code = {"positron": "NCBPS01P", "pain": "NCBPS31Z", "interstitial": "NCBPS29M"}[service]
        first, last = (year.where(code).sum() for year in (drawn[0], drawn[-1]))
        assert last / first == pytest.approx((1 + sum(growth)) ** 2, rel=tolerance)


def test_patients_grow_with_the_lines(drawn: list[Year]) -> None:
    first, last = (len(year.patients(year.where("NCBPS01P"))) for year in (drawn[0], drawn[-1]))
    growth = effect_of("volume_growth", "positron").size
    assert last / first == pytest.approx((1 + growth) ** 2, rel=0.08)


def test_a_step_begins_in_its_month_and_in_its_area_alone(drawn: list[Year], register: Register) -> None:
    step = effect_of("volume_step")
    code = line_of(step, register)
    where = [year.where(code, step.area) for year in drawn]
    assert where[2].sum() / where[0].sum() == pytest.approx(1 + step.size, rel=0.2)
    months = np.bincount(drawn[1].lines.month[where[1]], minlength=12)
    assert months[6:].sum() / months[:6].sum() == pytest.approx(1 + step.size, rel=0.25)
    elsewhere = [year.where(code).sum() - here.sum() for year, here in zip(drawn, where, strict=True)]
    assert elsewhere[2] / elsewhere[0] == pytest.approx(1, rel=0.05)


def test_a_price_drifts_beside_the_others(drawn: list[Year], register: Register) -> None:
    drift = effect_of("price_drift")
    code = line_of(drift, register)
    cost = [year.lines.pence[year.where(code, data_set=0)].mean() for year in drawn]
    assert cost[-1] / cost[0] == pytest.approx((1 + drift.size) ** 2, rel=0.06)


@pytest.mark.parametrize("area", ["QYG", "QHL"])
def test_an_area_has_its_planted_patients_per_head(drawn: list[Year], register: Register, area: str) -> None:
    planted_access = effect_of("access", "neurology", area)
    code = line_of(planted_access, register)
    ratios = []
    for year in drawn:
        own, england = year.patients(year.where(code, area)), year.patients(year.where(code))
        ratios.append(len(own) / people_of(year, area) / (len(england) / people_of(year)))
    assert np.mean(ratios) == pytest.approx(planted_access.size, rel=0.08)


def test_an_area_has_its_planted_cost_per_patient(drawn: list[Year], register: Register) -> None:
    planted_intensity = effect_of("intensity", "chemotherapy")
    code, area = line_of(planted_intensity, register), planted_intensity.area
    ratios = []
    for year in drawn:
        own, england = year.where(code, area), year.where(code)
        cost = [year.lines.pence[where].sum() / len(year.patients(where)) for where in (own, england & ~own)]
        ratios.append(cost[0] / cost[1])
    assert np.mean(ratios) == pytest.approx(planted_intensity.size, rel=0.12)


def test_patients_per_head_go_with_need(drawn: list[Year], register: Register) -> None:
    gradient = effect_of("need_gradient")
    code = line_of(gradient, register)
    year = drawn[0]
    boards = sorted(set(year.board) - set(DEVOLVED_BODIES))
    rates = [len(year.patients(year.where(code, board))) / people_of(year, board) for board in boards]
    need = [float(register.need_index(board, "2025/26") or 1) for board in boards]
    slope, _ = np.polyfit(np.log(need), np.log(rates), 1)
    assert slope == pytest.approx(gradient.size, abs=0.3)


def test_the_rest_varies_between_areas_by_no_more_than_stated(drawn: list[Year]) -> None:
    year = drawn[0]
    boards = sorted(set(year.board) - set(DEVOLVED_BODIES))
    rates = [year.where("NCBPS01C", board).sum() / people_of(year, board) for board in boards]
    lines = year.where("NCBPS01C").sum() / len(boards)
    expected = np.sqrt(effect_of("access_spread").size ** 2 + 1 / lines)
    assert np.log(rates).std() == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("service", ["neurology$", "cardiac surgery"])
def test_a_flow_goes_to_the_named_centre(drawn: list[Year], register: Register, service: str) -> None:
    flow = effect_of("redirect", service)
    code = line_of(flow, register)
    own = np.concatenate([year.provider[year.where(code, flow.area)] for year in drawn])
    expected = flow.size + (1 - flow.size) * share_by_distance(drawn[0], code, flow.area, flow.provider)
    chance = np.sqrt(expected * (1 - expected) / len(own))
    assert (own == flow.provider).mean() == pytest.approx(expected, abs=3 * chance)


def share_by_distance(year: Year, code: str, board: str, provider: str) -> float:
    """The share of a line's patients of a board who would go to a provider with nothing planted."""
    world, places = year.world, year.world.places
    offer = world.catalogue.codes.index(code)
    flows = np.diff(places.flows[world.catalogue.reach[offer]], axis=1, prepend=0.0)
    boards = boards_before_reorganisation(
        Register.load(), places.areas[: places.english], year.world.year.start
    )
    given = world.weights[:, offer] * flows[:, np.array(boards) == board].sum(axis=1)
    return float(given[world.providers.index(provider)] / given.sum())


def test_volumes_of_a_line_vary_between_a_providers_years_as_planted(
    drawn: list[Year], register: Register
) -> None:
    planted_years = effect_of("provider_years", "molecular")
    assert excess_variation(drawn, line_of(planted_years, register)) == pytest.approx(
        1 / planted_years.size, abs=0.06
    )
    assert abs(excess_variation(drawn, "NCBPS01C")) < 0.01


def excess_variation(drawn: list[Year], code: str) -> float:
    """The squared variation between providers' years that chance does not explain."""
    names = drawn[0].world.providers
    volumes = np.array(
        [[(year.provider[year.where(code)] == name).sum() for name in names] for year in drawn]
    )
    volumes = volumes[:, volumes.mean(axis=0) > 20].astype(float)
    mean = volumes.mean(axis=0)
    return float(((volumes.var(axis=0, ddof=1) - mean) / mean**2).mean())


def test_costs_of_cases_spread_as_planted(drawn: list[Year]) -> None:
    # Both costs are a point of delivery's, whose case is one attendance.
    for code, variation in (("NCBPS09A", effect_of("case_cost", "burn").size), ("NCBPS23N", None)):
        sigma = 0.4 if variation is None else np.sqrt(np.log1p(variation**2))
        logs = []
        for year in drawn:
            looks = np.array([look.code for look in shapes.deliveries()])[year.lines.delivery]
            where = year.where(code, data_set=0) & (looks == "OPFUP")
            logs.append(np.log(year.lines.pence[where]))
        assert np.concatenate(logs).std() == pytest.approx(sigma, rel=0.25)


def test_homes_follow_their_areas_over_the_reorganisation(register: Register) -> None:
    before, after = worlds(register, [FinancialYear(2025), FinancialYear(2026)], [1], 60_000, 1)
    gone = set(before.places.areas) - set(after.places.areas)
    assert gone == {"D4U1Y"}
    followers = followed_by(register, before.places.areas, after.places.areas, after.year.start)["D4U1Y"]
    assert len(followers) > 1
    homes = [
        dict(zip(people.person.tolist(), homes_of(world), strict=True))
        for world, people in ((before, before.patients), (after, after.patients))
    ]
    stayed = [person for person in homes[0] if person in homes[1] and not after.patients.moves[person]]
    assert len(stayed) > len(homes[0]) * 0.8
    for person in stayed:
        assert homes[1][person] in (followers if homes[0][person] in gone else [homes[0][person]])


def homes_of(world: World) -> list[str]:
    """The area of each place for a person."""
    return np.repeat(world.places.areas, world.patients.count.sum(axis=1)).tolist()


def test_several_years_are_received_and_conserved_without_a_finding(
    tmp_path: Path, reorganised: Path, shared: Path
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    assert findings(reorganised, workspace, shared, "R[WT][ADEH]") == {}
    result = build(workspace)
    assert result.conserved
    assert result.synthetic
    assert {month.year for month in result.months} == {FinancialYear(2025), FinancialYear(2026)}
    assert result.ledger == result.received
    assert challenges(workspace).num_rows == 0


def test_where_nothing_is_planted_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlantedError, match="range of years"):
        planted(tmp_path)
    (tmp_path / TRUTH).write_text("{")
    with pytest.raises(PlantedError, match="make the files again"):
        planted(tmp_path)


def test_the_command_takes_a_range_of_years(tmp_path: Path) -> None:
    app = typer.Typer()
    add_commands(app)
    options = ["--year", "2024/25-2025/26", "--months", "1", "--lines", "1000"]
    result = CliRunner().invoke(app, [str(tmp_path / "new"), *options])
    assert result.exit_code == 0, result.output
    assert "Made up 1,000 lines" in result.output
    for code in ("202425", "202526"):
        assert len(list((tmp_path / "new").glob(f"SYNTHETIC_*_ACM_{code}_M01.csv"))) > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": 2025, "last_year": 2023}, "write --year 2023/24-2025/26"),
        ({"year": 2021, "last_year": 2023}, "2022/23 or later"),
        ({"year": 2098, "last_year": 2099}, "up to 2098/99"),
        ({"last_year": 2026, "lines": 397}, "in each of 2 years: .*--lines 398 or more"),
    ],
)
def test_a_range_that_cannot_be_made_is_refused_with_what_can(
    tmp_path: Path, register: Register, change: dict[str, int], said: str
) -> None:
    with pytest.raises(SynthesiseError, match=said):
        made(tmp_path / "new", register, **change)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()

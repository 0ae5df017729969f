"""The page of a position: what it answers, what it keeps together, what opens, and what it refuses in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.position.worlds import lines, plans, standing, year_to_date
from tests.finance.position.worlds import month as month_of
from tests.ledger.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    LONDON,
    RENAL,
    Row,
    build_in,
    receive,
    workspace_in,
)
from tests.site.reading import Read

from speccom.finance.position.challenged import IN, at_challenge
from speccom.finance.position.everybody import everybody
from speccom.finance.position.prepared import prepare
from speccom.finance.position.risks import Public, risks
from speccom.finance.position.shown import FEWEST, OTHERS, TooFew, shown, shown_position
from speccom.finance.position.shown_challenges import ALL, shown_challenges
from speccom.register import Register
from speccom.workspace import Workspace

PAGE = "/finance/position/"
MONTHS = range(1, 5)


def people(provider: str, month: int, number: int, cost: str, line: str = RENAL) -> list[Row]:
    """Some patients of North East London at a provider in a month, each of a cost of their own."""
    return [
        Row(
            provider=provider,
            month=month,
            patient_id=1000 * month + each,
            cost=Decimal(cost) + each,
            service_code=line,
        )
        for each in range(number)
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Barts has 30 a month and Guy's 12; Leeds has 20 but in June 2, and two others have 3 and 5 in one month."""
    workspace = workspace_in(tmp_path_factory.mktemp("position"))
    rows = [row for month in MONTHS for row in people(BARTS, month, 30, "1000.25")]
    rows += [row for month in MONTHS for row in people(GUYS, month, 12, "400.50")]
    rows += [row for month in MONTHS for row in people(LEEDS, month, 2 if month == 3 else 20, "90.10")]
    rows += people("RYJ", 2, 3, "7000") + people("RJZ", 4, 5, "9000.75")
    receive(workspace, rows)
    receive(
        workspace,
        plans(
            range(1, 13),
            lambda _: 40_000,
            provider=BARTS,
            gp_responsibility=LONDON,
            submitted_commissioner=LONDON,
        ),
    )
    build_in(workspace)
    return workspace


@pytest.fixture
def held(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


def test_without_a_ledger_the_page_says_how_to_build_one(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    for address, status in ((PAGE, 200), ("/finance/explain/position/", 404)):
        assert "There is no ledger yet" in read(address, status)


@pytest.mark.usefixtures("held")
def test_the_page_offers_who_pays_and_the_months_that_are_held(read: Read) -> None:
    page = read(PAGE)
    assert "NHS North East London ICB" in page
    assert "July 2025" in page
    assert "August 2025" not in page
    assert "Position: plan, budget and the full year" in read("/finance/")


@pytest.mark.usefixtures("held")
def test_before_a_choice_every_commissioner_has_a_row_that_leads_on(client: Client, built: Workspace) -> None:
    html = client.get(PAGE).content.decode()
    [address] = re.findall(r'href="(/finance/position/[^"]+commissioner=QMF[^"]*)"', html)
    assert "July 2025" in client.get(unescape(address)).content.decode()
    [row] = everybody(built, Register.load(built), month_of(4)).table.to_pylist()
    assert f"{row['actual']:,.0f}" in html
    assert f"{row['forecast']:,.0f}" in html
    assert "1 commissioner can be shown to the end of July 2025; 1 of 1 had spent more than the plan." in html


def test_a_commissioner_of_few_patients_has_no_row_among_the_others(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Kent has one patient a month: its pounds are in no row, and why is said."""
    workspace = workspace_in(tmp_path_factory.mktemp("others"))
    receive(workspace, [row for month in (1, 2) for row in people(BARTS, month, 9, "10")])
    receive(workspace, lines((1, 2), lambda _: 77))
    build_in(workspace)
    register = Register.load(workspace)
    found = everybody(workspace, register, month_of(2))
    assert found.table["commissioner"].to_pylist() == ["QMF"]
    assert (
        "NHS Kent and Medway ICB: no position, because a month of 2025/26 has 1 to 7 patients."
        in found.said()
    )
    prepare(workspace, register)
    kept = sorted(path.name.rpartition("-")[0] for path in workspace.kept.glob("*/position-*"))
    assert kept == ["position-challenged", "position-everybody", "position-shown"]


def billed_to_kent(provider: str, month: int, number: int, cost: str) -> list[Row]:
    """Patients of North East London that a provider billed to Kent and Medway."""
    return [replace(row, submitted_commissioner="91Q") for row in people(provider, month, number, cost)]


def test_challenges_that_everybody_sees_are_of_many_and_to_their_first_figure(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, client: Client
) -> None:
    """Barts billed Kent for 9 and 12 people, Guy's for 3: the second is in no row, and in no sum to the pound."""
    workspace = workspace_in(tmp_path_factory.mktemp("billed"))
    rows = [row for month in (1, 2) for row in people(BARTS, month, 20, "1000")]
    rows += billed_to_kent(BARTS, 1, 9, "1234.56") + billed_to_kent(BARTS, 2, 12, "1111.11")
    receive(workspace, rows + billed_to_kent(GUYS, 2, 3, "770.07"))
    receive(workspace, plans(range(1, 13), gp_responsibility=LONDON, submitted_commissioner=LONDON))
    build_in(workspace)
    settings.WORKSPACE = workspace
    held = year_to_date(workspace, month_of(2), commissioner="QMF")
    exact = at_challenge(held, "QMF").table.to_pylist()
    assert {(row["direction"], row["provider"], row["lines"]) for row in exact} == {
        (IN, BARTS, 21),
        (IN, GUYS, 3),
    }
    found = shown_challenges(held, "QMF")
    told = {row["provider"]: row for row in found.table.to_pylist()}
    assert told.keys() == {ALL, BARTS}
    assert told[BARTS]["cost"] == told[BARTS]["effect"] == 20_000  # of £24,544.29 to the first figure
    assert told[ALL]["lines"] == 20
    html = client.get(PAGE, {"commissioner": "QMF"}).content.decode()
    assert "Billed to another, and it pays" in html
    assert "All providers together" in html
    assert "Lines billed to others" in html
    assert "770" not in html
    assert "the month-end pack has it" in html


def test_a_challenge_of_few_people_alone_is_not_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = workspace_in(tmp_path_factory.mktemp("few billed"))
    receive(workspace, people(BARTS, 1, 20, "1000") + billed_to_kent(GUYS, 1, 3, "770.07"))
    build_in(workspace)
    found = shown_challenges(year_to_date(workspace, month_of(1), commissioner="QMF"), "QMF")
    assert found.table.num_rows == 0
    assert (
        "no challenge that is billed to another, and it pays, because a month of 2025/26 has 1 to 7"
        in " ".join(found.said())
    )


def test_risks_that_everybody_sees_name_no_line_or_provider_of_few(built: Workspace) -> None:
    held = year_to_date(built, month_of(4), commissioner="QMF")
    of, may = standing(held), shown(held, "QMF")
    found = risks(of, "QMF", Public(may, shown_challenges(held, "QMF")))
    said = " ".join(str(row) for row in found.table.to_pylist())
    assert "Forecast above plan" in said
    assert not any(name in said for name in ("Leeds", "Guy's", "RYJ", "RJZ"))
    assert "no risk from homes that are not known" in " ".join(found.said())


@pytest.mark.usefixtures("held")
def test_what_a_head_and_of_the_target_stands_on_the_page_or_is_a_gap(client: Client) -> None:
    html = unescape(client.get(PAGE, {"commissioner": "QMF"}).content.decode())
    assert "A head of its people" in html
    assert "no share of target, because no targets were imported" in html


@pytest.mark.usefixtures("held")
def test_each_month_opens_to_its_working(client: Client) -> None:
    html = client.get(PAGE, {"commissioner": "QMF", "month": "2025/26-4"}).content.decode()
    opened = re.findall(r"by=month&amp;code=(\d+)&amp;number=(\w+)", html)
    assert {number for _, number in opened} == {
        "recorded",
        "plan",
        "expected",
        "expected_to_date",
        "lower",
        "upper",
    }
    assert {int(code) for code, number in opened if number == "expected"} == set(range(1, 13))
    asked = {
        "commissioner": "QMF",
        "month": "2025/26-4",
        "by": "month",
        "code": "4",
        "number": "expected_to_date",
    }
    page = client.get("/finance/explain/position/", asked).content.decode()
    values = re.findall(r'<strong class="inputs__value">£([^<]+)</strong>', page)
    [total] = re.findall(r'<p class="answer__sentence">£([^<]+)</p>', page)
    # Each of four months has what was recorded of it below.
    assert Decimal(total.replace(",", "")) == sum(Decimal(each.replace(",", "")) for each in values[::2])
    assert len(values) == 8


@pytest.mark.usefixtures("held")
def test_the_answer_is_in_one_sentence_and_says_that_it_is_made_up(read: Read) -> None:
    page = read(PAGE, commissioner="QMF", month="2025/26-4")
    assert (
        "NHS North East London ICB had spent £213k by the end of July 2025, £53k (33%) more than its plan."
        in page
    )
    assert "Synthetic data." in page
    assert "80% interval" in page
    assert "no budget, because no budgets were imported" in page


@pytest.mark.usefixtures("held")
def test_small_numbers_are_one_row_and_everything_adds_up(client: Client) -> None:
    html = client.get(PAGE, {"commissioner": "QMF"}).content.decode()
    assert "others of few patients, together" in html
    for code in ("RYJ", "RJZ", LEEDS):
        assert f">{code}<" not in html


def test_no_months_difference_is_of_few_patients(built: Workspace) -> None:
    """The attack: subtract each month's year to date from the next, row by row, and count whose pounds are left."""
    before: dict[str, Decimal] = {}
    for number in MONTHS:
        held = year_to_date(built, month_of(number), commissioner="QMF")
        may = shown(held, "QMF")
        rows = shown_position(standing(held), "provider", may).table.to_pylist()
        after = {row["provider"]: row["actual"] for row in rows}
        counted = {
            BARTS: 30,
            OTHERS: 12 if number == 3 else 20,
        }  # people of Guy's, Leeds and the others, each once
        assert set(after) == set(counted)
        for code, pounds in after.items():
            assert pounds - before.get(code, Decimal(0)) > 0
            assert counted[code] >= FEWEST
        before = after
        whole = sum((row.actual for row in held.to_date()), Decimal(0))
        assert sum(after.values()) == whole


def test_what_is_alone_is_alone_in_every_month(built: Workspace) -> None:
    seen = {
        shown(year_to_date(built, month_of(number), commissioner="QMF"), "QMF").alone["provider"]
        for number in MONTHS
    }
    assert seen == {frozenset({BARTS})}


def test_a_commissioner_of_few_patients_is_not_shown_at_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = workspace_in(tmp_path_factory.mktemp("few"))
    receive(workspace, people(BARTS, 1, 7, "10"))
    build_in(workspace)
    with pytest.raises(TooFew, match="a month of 2025/26 with 1 to 7 patients"):
        shown(year_to_date(workspace, month_of(1), commissioner="QMF"), "QMF")


@pytest.mark.usefixtures("held")
def test_every_number_that_opens_is_the_number_on_the_page(client: Client) -> None:
    html = client.get(PAGE, {"commissioner": "QMF", "month": "2025/26-4"}).content.decode()
    links = re.findall(r'<a[^>]*href="(/finance/explain/position/[^"]+)"[^>]*>\s*([^<]+?)\s*</a>', html)
    assert len(links) >= 12
    for address, shown_as in links:
        page = client.get(unescape(address))
        assert page.status_code == 200, address
        [said] = re.findall(r'<p class="answer__sentence">([^<]+)</p>', page.content.decode())
        assert abs(_pounds(said) - _pounds(shown_as)) <= Decimal("0.5"), address  # tables show whole pounds


def _pounds(said: str) -> Decimal:
    return Decimal(unescape(said).replace("£", "").replace(",", "").replace("−", "-"))


@pytest.mark.usefixtures("held")
def test_the_working_of_an_actual_adds_up_to_it(client: Client) -> None:
    asked = {"commissioner": "QMF", "month": "2025/26-4", "number": "actual", "by": "provider", "code": BARTS}
    html = client.get("/finance/explain/position/", asked).content.decode()
    values = [
        Decimal(unescape(each).lstrip("£").replace(",", ""))
        for each in re.findall(r'<strong class="inputs__value">([^<]+)</strong>', html)
    ]
    [total] = re.findall(r'<p class="answer__sentence">£([^<]+)</p>', html)
    assert len(values) == 4
    assert sum(values) == Decimal(total.replace(",", ""))


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("address", "asked", "status", "said"),
    [
        (PAGE, {"commissioner": "QZZ"}, 404, "QZZ pays for nothing in 2025/26"),
        (PAGE, {"commissioner": "QMF", "month": "2025/26-9"}, 400, "does not hold 2025/26 month 9"),
        (PAGE, {"month": "soon"}, 400, "is no month"),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "number": "luck"},
            400,
            "no number of a position",
        ),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "by": "patient"},
            400,
            "nothing that a position opens by",
        ),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "by": "month", "code": "13", "number": "plan"},
            400,
            "is no month",
        ),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "by": "month", "code": "9", "number": "recorded"},
            404,
            "no recorded of December 2025",
        ),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "by": "month", "code": "9", "number": "actual"},
            400,
            "no number of a position",
        ),
        (
            "/finance/explain/position/",
            {"commissioner": "QMF", "by": "provider", "code": "RYJ"},
            404,
            "RYJ is not shown by itself",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(
    read: Read, address: str, asked: dict[str, str], status: int, said: str
) -> None:
    assert said in read(address, status, **asked)


@pytest.mark.usefixtures("held")
def test_every_table_is_a_file(client: Client) -> None:
    html = client.get(PAGE, {"commissioner": "QMF"}).content.decode()
    files = [unescape(each) for each in re.findall(r'href="([^"]*download=[^"]+)"', html)]
    assert len(files) >= 8
    for address in files:
        answer = client.get(address if address.startswith("/") else PAGE + address)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")

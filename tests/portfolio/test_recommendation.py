"""What is recommended of a line: every row of the rule, the bars on their edge, panels that do not agree."""

import csv
from pathlib import Path

import pytest

from speccom import content
from speccom.portfolio.criteria import (
    CANNOT_TELL,
    NO,
    READINESS,
    SUITABILITY,
    YES,
    PortfolioError,
    criteria,
    criterion,
    judged,
    measures,
)
from speccom.portfolio.criteria import (
    tests as both_tests,
)
from speccom.portfolio.recommendation import (
    AT_STAKE,
    DIVIDED,
    FAVOURABLE,
    NOT_KNOWN,
    NOT_YET_READY,
    RETAINED,
    SUITABLE_AND_READY,
    UNFAVOURABLE,
    UNKNOWN,
    judged_standing,
    measured_standing,
    recommend,
    recommendations,
)
from speccom.portfolio.table import judgements_in

STEADY: dict[str, float | None] = {
    "outturn": 5_000_000.0,
    "outturn_activity": 900.0,
    "provider_income_volatility": 0.02,
    "volume_volatility": 0.01,
    "financial_volatility": 0.01,
    "number_of_providers": 30.0,
    "out_of_area_flows": 0.1,
}
RESTLESS = STEADY | {
    "provider_income_volatility": 0.9,
    "volume_volatility": 0.9,
    "financial_volatility": 0.9,
}


def all_favour() -> list[tuple[str, str]]:
    return [(key, each.favours) for key, each in judged().items()]


def all_against(test: str) -> list[tuple[str, str]]:
    other = {YES: NO, NO: YES}
    return [
        (key, other[each.favours] if each.test == test else each.favours) for key, each in judged().items()
    ]


def test_the_criteria_are_those_of_the_guide_and_each_says_its_source() -> None:
    held = list(criteria().values())
    assert [sum(each.test == test for each in held) for test in (SUITABILITY, READINESS)] == [7, 13]
    assert all(each.source.startswith("shca-2023") and each.confidence == "stated" for each in held)
    assert {each.criterion for each in held if not each.judged} == set(measures())
    assert all(each.favours in ("yes", "no") for each in held if each.judged)


def test_every_bar_says_that_it_is_our_own() -> None:
    assert all("own" in each.basis for each in measures().values() if each.bar is not None)
    assert all("own" in each.basis for each in both_tests().values())


@pytest.mark.parametrize(
    ("highly", "values", "answers", "expected", "row"),
    [
        (True, STEADY, all_favour(), RETAINED, 1),
        (False, STEADY, all_favour(), SUITABLE_AND_READY, 2),
        (False, STEADY, all_against(READINESS), NOT_YET_READY, 3),
        (False, RESTLESS, all_favour(), RETAINED, 4),
        (False, {}, [], NOT_KNOWN, 5),
        (False, STEADY, [], NOT_KNOWN, 5),
    ],
)
def test_each_row_of_the_rule_decides_what_it_says(
    highly: bool, values: dict[str, float | None], answers: list[tuple[str, str]], expected: str, row: int
) -> None:
    found = recommend(highly, values, answers)
    assert (found.recommendation, found.row) == (expected, row)


def test_every_row_of_the_rule_and_every_list_is_reached_by_a_test() -> None:
    assert [int(row["row"]) for row in content.rows("speccom.portfolio", "rule")] == [1, 2, 3, 4, 5]
    assert {row["recommendation"] for row in content.rows("speccom.portfolio", "rule")} == set(
        recommendations()
    )


def test_a_measure_on_its_bar_is_favourable_and_one_beyond_it_is_not() -> None:
    for key, each in measures().items():
        if each.bar is None:
            assert measured_standing(key, 1.0).standing == AT_STAKE
            continue
        beyond = each.bar + (0.001 if criterion(key).favours == "low" else -0.001)
        assert measured_standing(key, each.bar).standing == FAVOURABLE
        assert measured_standing(key, beyond).standing == UNFAVOURABLE


def test_a_measure_without_a_value_is_not_known_and_says_why() -> None:
    found = measured_standing("number_of_providers", None, "The ledger has none.")
    assert (found.standing, found.why) == (UNKNOWN, "The ledger has none.")


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        ([], UNKNOWN),
        ([CANNOT_TELL, CANNOT_TELL], UNKNOWN),
        ([YES, CANNOT_TELL], FAVOURABLE),
        ([YES, NO], DIVIDED),
        ([YES, NO, NO], UNFAVOURABLE),
    ],
)
def test_a_panel_is_told_by_those_who_could_tell(answers: list[str], standing: str) -> None:
    assert judged_standing("quality", answers).standing == standing


def test_a_yes_to_a_risk_speaks_against() -> None:
    assert judged_standing("destabilisation", [YES]).standing == UNFAVOURABLE
    assert judged_standing("destabilisation", [NO]).standing == FAVOURABLE


def test_a_test_is_not_known_while_too_few_of_its_criteria_are() -> None:
    weighing = [each for each in criteria().values() if each.test == READINESS and each.weighs]
    enough = next(
        n for n in range(len(weighing) + 1) if n >= both_tests()[READINESS].fewest_known * len(weighing)
    )
    ready = [(key, each.favours) for key, each in judged().items() if each.test == READINESS]
    values: dict[str, float | None] = {"out_of_area_flows": 0.1}
    assert recommend(False, values, ready[: enough - 2]).test(READINESS).result == UNKNOWN
    assert recommend(False, values, ready[: enough - 1]).test(READINESS).result == "met"


def test_an_unknown_criterion_is_refused_by_name() -> None:
    with pytest.raises(PortfolioError, match="weather"):
        recommend(False, STEADY, [("weather", YES)])


HEAD = "service_line,criterion,person,answer,reason"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service_line,criterion\nA,quality", "no column person"),
        (f"{HEAD}\nNCBPS11B,outturn,Ann,yes,So", "row 2.*no judged criterion"),
        (f"{HEAD}\nNCBPS11B,quality,Ann,perhaps,So", "row 2.*no answer"),
        (f"{HEAD}\nNCBPS11B,quality,Ann,yes,", "row 2.*reason"),
        (f"{HEAD}\nNCBPS11B,quality,Ann,yes,So\nNCBPS11B,quality,Ann,no,So", "row 3.*already"),
    ],
)
def test_a_file_of_judgements_that_is_wrong_is_refused_by_its_row(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text(text)
    with pytest.raises(PortfolioError, match=said):
        judgements_in(path)


def test_a_file_of_judgements_is_read_with_its_reasons(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows(
            [HEAD.split(","), ["NCBPS11B", "quality", "Ann", "yes", "Shorter waits"]]
        )
    [found] = judgements_in(path)
    assert (found.person, found.reason) == ("Ann", "Shorter waits")

"""Parts of the site recommend what to decide, each to whoever may see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.site.accounts.world import person

from speccom.site.core import recommended as module
from speccom.site.core.recommended import Recommendation, RecommendationError, offer, recommended


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "_sources", [])
    yield


def made(reference: str, day: int, arrangement: str = "delegated") -> Recommendation:
    return Recommendation(
        reference,
        "Delegate renal dialysis",
        ("NCBPS11B",),
        ("QNC",),
        arrangement,
        "multi-ICB",
        ("It is suitable and ready.",),
        (),
        "/portfolio/1/",
        datetime(2026, 9, day, tzinfo=UTC),
    )


@pytest.mark.django_db
def test_what_two_parts_of_the_site_recommend_is_one_list_with_the_latest_first() -> None:
    def portfolio(_: Any) -> list[Recommendation]:
        return [made("PORTFOLIO-1", 2), made("PORTFOLIO-2", 9)]

    offer(portfolio)
    offer(portfolio)  # an app that is made ready twice does not recommend twice
    offer(lambda _: [made("READINESS-1", 5)])
    found = [each.reference for each in recommended(person("national_team").actor())]
    assert found == ["PORTFOLIO-2", "READINESS-1", "PORTFOLIO-1"]


@pytest.mark.django_db
def test_a_source_is_told_who_asks_and_keeps_back_what_they_may_not_see() -> None:
    offer(lambda actor: [made("READINESS-1", 5)] if actor.reaches("data.read", "QNC") else [])
    assert recommended(person("provider", email="a@rw6.example").actor()) == []
    assert len(recommended(person("national_team", email="b@x24.example").actor())) == 1


def test_an_arrangement_that_the_register_does_not_know_is_refused() -> None:
    with pytest.raises(RecommendationError, match="delegated, joint, retained"):
        made("PORTFOLIO-1", 2, "shared")

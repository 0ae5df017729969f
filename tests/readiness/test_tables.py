"""The assessment's tables agree with each other, with the roles and with the register."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from speccom.charts.courses import Arrow, course
from speccom.readiness.course import BEST, FIRST, LAST, PLANNING, shown_in
from speccom.readiness.tables import (
    criteria,
    kinds,
    moves,
    points,
    published,
    ratings,
    recommendations,
    sides,
    states,
)
from speccom.register import Register
from speccom.site.accounts.roles import ROLES
from speccom.site.core.recommended import ARRANGEMENTS


def test_there_are_eight_tests_and_each_names_a_source_of_the_register() -> None:
    assert len(criteria()) == 8
    sources = Register.load().sources
    for each in criteria().values():
        assert each.source in sources and each.confidence == "stated" and each.label_confidence == "inferred"


def test_what_is_said_to_be_published_has_a_source_and_what_was_not_found_has_none() -> None:
    sources = Register.load().sources
    for each in published():
        assert bool(each.source) == bool(each.confidence)
        assert not each.source or each.source in sources or each.source.startswith("http"), each.what
    assert [each.what for each in published() if not each.source] == ["not_found"]


def test_the_ratings_are_said_to_be_our_own() -> None:
    told = {each.what: each.sentence for each in published()}
    assert "Speccom's own" in told["not_found"]


def test_every_move_joins_two_states_and_belongs_to_who_holds_the_first() -> None:
    for move in moves().values():
        assert move.from_state in states() and move.to_state in states()
        holder = states()[move.from_state].held_by
        assert move.side == holder or (not holder and move.side == "panel"), move.move


def test_some_role_may_make_each_move_at_its_kind_of_organisation() -> None:
    for move in moves().values():
        kind = sides()[move.side].kind
        assert [role for role in ROLES.values() if move.permission in role.permissions and kind in role.at], (
            move.move
        )


def test_every_state_is_reached_and_every_one_left() -> None:
    assert {move.to_state for move in moves().values()} == set(states())
    assert {move.from_state for move in moves().values()} == set(states())


def test_recommendations_stand_on_ratings_and_arrangements_that_there_are() -> None:
    for each in recommendations().values():
        assert each.lowest_rating in ratings() and each.arrangement in ARRANGEMENTS
    assert BEST == "met"


def test_no_ending_belongs_to_two_kinds_of_file() -> None:
    endings = [ending for kind in kinds().values() for ending in kind.endings]
    assert len(endings) == len(set(endings))


def test_the_picture_names_every_state_and_every_move() -> None:
    words = {key: each.name for key, each in states().items()}
    arrows = [Arrow(each.name, each.from_state, each.to_state) for each in moves().values()]
    drawn = " ".join(ET.fromstring(course(words, arrows)).itertext())
    for name in [*(each.name for each in states().values()), *(each.name for each in moves().values())]:
        assert name in drawn


def test_points_are_added_by_sides_that_there_are_and_a_plan_is_always_of_a_test() -> None:
    for each in points().values():
        assert set(each.sides) <= set(sides()) and each.sides
        assert set(each.needs) <= {"criterion", "mitigation", "owner", "due"}
    assert all("criterion" in points()[each].needs for each in PLANNING)
    assert points()["condition"].sides == ("panel",)


def test_others_see_the_boards_part_always_the_regions_once_complete_and_the_panels_at_the_end() -> None:
    assert (FIRST, LAST) == ("draft", "recommended")
    assert shown_in("board") == tuple(states())
    assert shown_in("region") == ("assessed", "recommended")
    assert shown_in("panel") == ("recommended",)

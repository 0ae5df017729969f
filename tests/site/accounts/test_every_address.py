"""Every address × every role: who is let in is written here, apart from the program, and a new one must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from tests.site.accounts.world import HOMES, come_in, person
from tests.site.decisions.world import proposed

from speccom.portfolio.measures import COLUMNS as MEASURES
from speccom.site.accounts.access import rule_of
from speccom.site.accounts.actions.people import invite
from speccom.site.accounts.actions.tokens import make
from speccom.site.accounts.models import ApiToken, Invitation, Membership, Person
from speccom.site.accounts.roles import ROLES
from speccom.site.audit.models import Entry
from speccom.site.core.permissions import PUBLIC
from speccom.site.decisions.models import Approval, DecisionRecord
from speccom.site.jobs.models import Job
from speccom.site.notices.actions import tell
from speccom.site.notices.models import Notice
from speccom.site.portfolio.models import LineReview, ReviewRound
from speccom.site.readiness.models import Answer, Assessment, Evidence, Member, Move, Point, Round, Verdict

EVERYBODY = set(ROLES)
KEEPERS = {"administrator"}
READERS = {"icb_lead", "regional_team", "national_team", "board_secretary", "administrator"}
REVIEWERS = {"national_team", "panel_member", "board_secretary"}
ASSESSED = {"icb_analyst", "icb_lead", "regional_team", "national_team", "board_secretary"}
ASSESSORS = {"icb_lead", "regional_team", "national_team"}
DRAFTERS = {"board_secretary", "committee_secretary"}
APPROVERS = {"board_secretary", "national_team"}
DECIDERS = DRAFTERS | APPROVERS
MODELLERS = {"icb_analyst", "icb_lead", "regional_team", "national_team"}
GET, POST, BOTH = {"get"}, {"post"}, {"get", "post"}

LET_IN: dict[str, tuple[set[str], set[str]]] = {
    "workspace": (EVERYBODY, GET),
    "notices": (EVERYBODY, GET),
    "finish_notice": (EVERYBODY, POST),
    "jobs": (EVERYBODY, GET),
    "job_again": (EVERYBODY, POST),
    "account": (EVERYBODY, GET),
    "email_notices": (EVERYBODY, BOTH),
    "change_password": (EVERYBODY, BOTH),
    "recovery_codes": (EVERYBODY, BOTH),
    "tokens": (EVERYBODY, BOTH),
    "end_token": (EVERYBODY, POST),
    "sign_out": (EVERYBODY, POST),
    "people": (KEEPERS, GET),
    "invite": (KEEPERS, BOTH),
    "person": (KEEPERS, GET),
    "anew": (KEEPERS, POST),
    "close_account": (KEEPERS, POST),
    "open_account": (KEEPERS, POST),
    "end_role": (KEEPERS, POST),
    "invitation_given": (KEEPERS, GET),
    "withdraw": (KEEPERS, POST),
    "portfolio": (REVIEWERS, BOTH),
    "portfolio_round": (REVIEWERS, GET),
    "portfolio_move": ({"national_team"}, POST),
    "portfolio_compare": (REVIEWERS, GET),
    "portfolio_file": (REVIEWERS, POST),
    "portfolio_line": (REVIEWERS, BOTH),
    "portfolio_override": ({"national_team"}, POST),
    "readiness": (ASSESSED, BOTH),
    "readiness_round": (ASSESSED, GET),
    "readiness_file": (ASSESSED, POST),
    "readiness_change": ({"national_team"}, BOTH),
    "readiness_begin": ({"icb_lead", "regional_team"}, BOTH),
    "readiness_assessment": (ASSESSED, GET),
    "readiness_gather": ({"regional_team"}, BOTH),
    "readiness_test": (ASSESSED, BOTH),
    "readiness_point_add": (ASSESSORS, BOTH),
    "readiness_point": (ASSESSORS, BOTH),
    "readiness_remove_point": (ASSESSORS, POST),
    "readiness_recommend": ({"national_team"}, BOTH),
    "readiness_send": (ASSESSORS, BOTH),
    "readiness_remove_evidence": (ASSESSORS, POST),
    "readiness_evidence": (ASSESSED, GET),
    "readiness_move": (ASSESSORS, POST),
    "decisions_kept": (DECIDERS, GET),
    "draft_decision": (DRAFTERS, BOTH),
    "decision_record": (DECIDERS, GET),
    "edit_decision": (DRAFTERS, BOTH),
    "decision_effect": (DECIDERS, GET),
    "decision_differences": (DECIDERS, GET),
    "add_change": (DRAFTERS, BOTH),
    "remove_change": (DRAFTERS, POST),
    "propose_decision": (DRAFTERS, POST),
    "approve_decision": (APPROVERS, POST),
    "send_back_decision": (APPROVERS, POST),
    "adopt_decision": ({"board_secretary"}, POST),
    "withdraw_decision": (DRAFTERS, POST),
    "kept_scenarios": (MODELLERS, GET),
    "keep_scenario": (MODELLERS, BOTH),
    "audit": (READERS, GET),
    "audit_entry": (READERS, GET),
    "audit_file": (READERS, POST),
}
"""Name of an address behind signing in → the roles let in, and the methods that it answers."""
DECISIONS = {name for name in LET_IN if "decision" in name or "_change" in name} - {
    "decisions_kept",
    "draft_decision",
}
"""Addresses of one decision."""

PROGRAMS = {"me"}
ON_THE_WAY_IN = {
    "sign_in",
    "second_factor",
    "set_up_second_factor",
    "sign_in_organisation",
    "sign_in_organisation_back",
    "invitation",
}
EXAMPLES: dict[str, Any] = {
    "ref": "15",
    "programme": "internal-medicine",
    "group": "renal-services",
    "key": "none",
    "wanted": "none",
}
CODES = {"organisation": "QNC", "organisations": "QNC"}

Address = tuple[str, URLPattern, str]


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, namespace: str = ""
) -> Iterator[Address]:
    """Every address that the site answers to: its name, its pattern, its namespace."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, each.namespace or namespace)
        else:
            yield each.name or str(each.pattern), each, namespace


def public() -> list[Address]:
    return [each for each in addresses() if rule_of(each[1].callback, each[2]) == PUBLIC]


def path_of(name: str, pattern: URLPattern, namespace: str) -> str:
    wanted = pattern.pattern.converters
    given = EXAMPLES | {"code": CODES.get(name, "NCBPS11B"), "token": "never"}
    prefix = "/api/v1/" if namespace == "api" else ""
    if prefix or name == "me":
        return f"/api/v1/{str(pattern.pattern).removeprefix('api/v1/')}".replace("<ref>", "15").replace(
            "<code>", CODES.get(name, "QNC" if "organisations" in str(pattern.pattern) else "NCBPS11B")
        )
    return reverse(name, kwargs={each: given[each] for each in wanted})


# --- the table is whole


def test_every_address_states_who_may_open_it() -> None:
    unstated = [name for name, pattern, space in addresses() if rule_of(pattern.callback, space) is None]
    assert unstated == []
    assert len(list(addresses())) > 60


def test_every_address_outside_the_public_apps_is_in_the_table_here() -> None:
    stated = {name for name, pattern, _ in addresses() if hasattr(pattern.callback, "rule")}
    assert stated == LET_IN.keys() | PROGRAMS | ON_THE_WAY_IN


def test_a_view_that_states_no_rule_is_refused(settings: Any, client: Client) -> None:
    settings.PUBLIC_APPS = ["speccom.site.core", "speccom.site.explore", "speccom.site.insight"]
    with pytest.raises(Exception, match="states no rule"):
        client.get("/finance/")


# --- everybody × everything


@pytest.fixture
def world() -> dict[str, Any]:
    """Somebody at a board with a role, a link that is open, a row of the record: what numbers can name."""
    other = person("icb_analyst", email="other@qnc.example")
    token = make(actor=other.actor(), name="theirs", scopes=["me"], days=3)
    with transaction.atomic():
        invite(actor=None, email="new@qnc.example", role="icb_lead", organisation="QNC", reason="to try it")
        tell(people=[other], about="Theirs", sentence="Look at it.", address="/workspace/")
    review = ReviewRound.objects.create(
        title="A review", on="2026-11-01", state="settled", opened_by=other, settled=timezone.now()
    )
    LineReview.objects.create(
        round=review,
        line="NCBPS11B",
        name="Renal dialysis",
        measured=dict.fromkeys(MEASURES) | {"note": "none"},
        recommended="retained",
    )
    decision = proposed(person("board_secretary", email="secretary@x24.example").actor()).pk
    return {
        **dict.fromkeys(DECISIONS, decision),
        **assessment(),
        "portfolio_round": review.pk,
        "portfolio_move": (review.pk, "withdraw"),
        "portfolio_compare": review.pk,
        "portfolio_file": review.pk,
        "portfolio_line": (review.pk, "NCBPS11B"),
        "portfolio_override": (review.pk, "NCBPS11B"),
        "person": other.pk,
        "anew": other.pk,
        "close_account": other.pk,
        "open_account": other.pk,
        "end_role": Membership.objects.get(person=other).pk,
        "invitation_given": Invitation.objects.get().pk,
        "withdraw": Invitation.objects.get().pk,
        "finish_notice": Notice.objects.get(about="Theirs").pk,
        "job_again": Job.objects.filter(person=other).latest("pk").pk,
        "end_token": ApiToken.objects.get().pk,
        "audit_entry": Entry.objects.get(action="people.invite").number,
        "token": token,
    }


def assessment() -> dict[str, Any]:
    """An assessment with its boards, and what the addresses of assessments name."""
    lead = person("icb_lead", email="lead@qnc.example")
    opened = Round.objects.create(
        title="A round",
        on="2026-11-02",
        opens="2026-11-02",
        deadlines={"draft": "2027-01-25", "signed": "2027-03-03", "assessed": "2027-04-03"},
        opened_by=lead,
    )
    held = Assessment.objects.create(round=opened, name="A board", region="Y60")
    Member.objects.create(assessment=held, round=opened, board="QNC")
    risk = Point.objects.create(assessment=held, side="board", kind="strength", words="Staff")
    file = Evidence.objects.create(
        assessment=held, side="board", name="a.txt", kind="text", size=3, sha256="", kept_as="0", sent_by=lead
    )
    return {
        **dict.fromkeys((name for name in LET_IN if name.startswith("readiness_")), held.pk),
        **dict.fromkeys(
            ("readiness_round", "readiness_file", "readiness_change", "readiness_begin"), opened.pk
        ),
        "readiness_test": (held.pk, "finance"),
        "readiness_point_add": (held.pk, "risk"),
        "readiness_point": (held.pk, risk.pk),
        "readiness_remove_point": (held.pk, risk.pk),
        "readiness_evidence": (held.pk, file.pk),
        "readiness_move": (held.pk, "sign"),
    }


def at(name: str, world: dict[str, Any]) -> str:
    held = world.get(name, ())
    return reverse(name, args=held if isinstance(held, tuple) else (held,))


EDITED = (
    Person,
    Membership,
    Invitation,
    ApiToken,
    DecisionRecord,
    Approval,
    Notice,
    Round,
    Assessment,
    Member,
    Point,
    Evidence,
    Answer,
    Verdict,
    Move,
    Job,
)


def state() -> list[Any]:
    """All that a request could change about people and decisions."""
    held = [model.objects.order_by("pk").values_list() for model in EDITED]
    return [list(rows) for rows in held] + [Entry.objects.count()]


CRAFTED = {
    "email": "crafted@qnc.example",
    "role": "administrator",
    "organisation": "X24",
    "place": "X24",
    "reason": "crafted",
    "name": "crafted",
    "scopes": "me",
    "days": "5",
    "code": "123456",
    "old": "x",
    "password": "another long password",
    "again": "another long password",
    "is_active": "1",
    "number": "1",
    "version": "1",
    "kind": "arrange",
    "title": "crafted",
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_role_is_let_in_where_it_may_and_nowhere_else(role: str | None, world: dict[str, Any]) -> None:
    client = Client()
    who = person(role, email="who@x.example") if role else None
    for name, (roles, methods) in LET_IN.items():
        if who:
            come_in(client, who)  # some of what is sent ends the session
        for method in ("get", "post"):
            if role in roles and method == "post":
                continue  # what those may do is tested where it is done
            before = state()
            answer = getattr(client, method)(at(name, world), CRAFTED if method == "post" else None)
            told = f"{role} {method} {name}: {answer.status_code}"
            if role is None:
                assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/"), told
            elif role not in roles:
                assert answer.status_code == 403, told
            elif method in methods:
                assert answer.status_code in {200, 404}, told
            else:
                assert answer.status_code == 405, told
            assert state() == before, told


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *ROLES])
def test_what_everybody_may_read_is_the_same_for_each_role_and_looks_at_no_cookie(role: str | None) -> None:
    client = Client()
    if role:
        come_in(client, person(role))
    for name, pattern, namespace in public():
        if name in ON_THE_WAY_IN or name == "health":
            continue
        address = path_of(name, pattern, namespace)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code in {200, 400, 404}, address
        assert len(asked) == 0, address
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.get("Vary", ""), address
        assert answer.get("Cache-Control") != "no-store", address


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *ROLES])
def test_the_way_in_tells_nobody_anything(role: str | None) -> None:
    client = Client()
    if role:
        come_in(client, person(role))
    for name, pattern, namespace in public():
        if name in ON_THE_WAY_IN:
            for method in (client.get, client.post):
                answer = method(path_of(name, pattern, namespace))
                assert answer.status_code in {200, 302, 400, 404, 405}
                assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_programs_come_in_with_a_token_and_nothing_else(world: dict[str, Any]) -> None:
    for name in PROGRAMS:
        assert Client().get(reverse(name)).status_code == 401
        for role in ROLES:
            client = Client()
            come_in(client, person(role))
            assert client.get(reverse(name)).status_code == 401
        program = Client(headers={"Authorization": f"Bearer {world['token']}"})
        assert program.get(reverse(name)).status_code == 200
        for other in LET_IN:
            assert program.get(at(other, world))["Location"].startswith("/sign-in/")


def test_every_role_has_a_home_in_these_tests_and_describes_itself() -> None:
    assert HOMES.keys() == ROLES.keys()
    for role in ROLES.values():
        assert role.name and role.sees and role.may and role.at and role.permissions and role.__doc__


def test_an_administrator_has_no_permission_that_another_role_has() -> None:
    others = set().union(*(role.permissions for key, role in ROLES.items() if key != "administrator"))
    assert not ROLES["administrator"].permissions & others

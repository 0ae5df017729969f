"""A decision is drafted, approved by two others as it stands, adopted whole, and from then on the register's."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.site.accounts.world import person
from tests.site.decisions.world import (
    BACK,
    CONTENT,
    RENAL,
    STAFFORDSHIRE,
    People,
    adopt,
    adopted,
    approve,
    drafted,
    proposed,
)

from speccom.register import Register, decided
from speccom.register.decided import DecisionError
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import ReasonNeeded, verify
from speccom.site.audit.models import Entry
from speccom.site.core.edited import Stale
from speccom.site.core.library import register, today
from speccom.site.decisions import actions
from speccom.site.decisions.actions import DecisionRefused
from speccom.site.decisions.models import Approval, DecisionRecord
from speccom.site.decisions.states import MOVES, STATES
from speccom.workspace import Workspace, WorkspaceError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workspace")]
CHANGEOVER = date(2027, 4, 1)


def arrangement(on: date, known: date | None = None) -> str:
    return register().who_commissions(RENAL, STAFFORDSHIRE, on, known).arrangement


def test_an_adopted_decision_is_answered_by_from_its_day_and_not_for_who_asks_what_was_known(
    people: People,
) -> None:
    assert arrangement(CHANGEOVER) == "delegated"
    made = adopted(people)
    assert made.state == "adopted" and made.recorded_on == today()
    assert arrangement(CHANGEOVER - timedelta(days=1)) == "delegated"
    assert arrangement(CHANGEOVER) == "national"
    assert arrangement(CHANGEOVER, today()) == "national"
    assert arrangement(CHANGEOVER, today() - timedelta(days=1)) == "delegated"
    assert register().decisions["T2026-01"].made_by == "A board of a test"


def test_every_step_is_in_the_audit_table_and_its_chain_holds(people: People) -> None:
    adopted(people)
    rows = Entry.objects.filter(subject="decision T2026-01").order_by("number")
    assert [(each.action, each.actor) for each in rows] == [
        ("decisions.draft", "secretary@x24.example"),
        ("decisions.propose", "secretary@x24.example"),
        ("decisions.approve", "first@x24.example"),
        ("decisions.approve", "second@x24.example"),
        ("decisions.adopt", "secretary@x24.example"),
        ("decisions.adopted", "secretary@x24.example"),
    ]
    assert {each.action.removeprefix("decisions.") for each in rows} <= MOVES.keys()
    verify()


def test_one_approval_is_not_enough_and_nobody_approves_twice(people: People) -> None:
    made = proposed(people.secretary)
    approve(people.first, made)
    with pytest.raises(DecisionRefused, match="approved this already"):
        approve(people.first, made)
    with pytest.raises(DecisionRefused, match=r"needs the approval of 2 people .* it has 1"):
        adopt(people.secretary, made)
    assert not register().decisions.get("T2026-01")


def test_nobody_approves_what_they_wrote_any_of(people: People) -> None:
    made = drafted(people.secretary)
    made = actions.change(
        actor=people.second, record=made, version=1, content={"minute": "12.4"}, reason="Its minute"
    )
    made = actions.propose(actor=people.secretary, record=made, version=made.version)
    for writer in (people.secretary, people.second):
        with pytest.raises(NotAllowed, match="You wrote some of this"):
            approve(writer, made)
    assert not Approval.objects.exists()


def test_a_changed_draft_loses_its_approvals(people: People) -> None:
    made = proposed(people.secretary)
    approve(people.first, made)
    approve(people.second, made)
    made.refresh_from_db()
    made = actions.change(
        actor=people.secretary, record=made, version=made.version, content={"title": "Another"}
    )
    assert made.state == "draft" and not Approval.objects.filter(ended=None).exists()
    made = actions.propose(actor=people.secretary, record=made, version=made.version)
    with pytest.raises(DecisionRefused, match="it has 0"):
        adopt(people.secretary, made)


def test_an_approval_is_of_what_was_read_and_of_the_register_as_it_was(people: People) -> None:
    made = proposed(people.secretary)
    read = made.content_hash
    actions.change(actor=people.secretary, record=made, version=made.version, content={"title": "Another"})
    made.refresh_from_db()
    actions.propose(actor=people.secretary, record=made, version=made.version)
    with pytest.raises(DecisionRefused, match="was changed since you looked"):
        actions.approve(
            actor=people.first,
            record=made,
            content_hash=read,
            snapshot=register().snapshot,
            reason="I read it",
        )
    approve(people.first, made)
    approve(people.second, made)
    other = {**BACK, "regions": ["Y61"]}
    adopted(people, other, reference="T2026-02")
    with pytest.raises(DecisionRefused, match=r"it has 0\. The register changed since it was approved"):
        adopt(people.secretary, made)
    approve(people.first, made)
    approve(people.second, made)
    adopt(people.secretary, made)
    assert arrangement(CHANGEOVER) == "national"


def test_the_second_to_save_is_shown_what_the_first_saved_and_writes_nothing(people: People) -> None:
    made = drafted(people.secretary)
    actions.change(actor=people.second, record=made, version=1, content={"minute": "12.4"})
    with pytest.raises(Stale, match=r"second@x24\.example saved a change") as refused:
        actions.change(actor=people.secretary, record=made, version=1, content={"minute": "12.5"})
    assert ("Minute", "12.4", "12.5") in refused.value.beside.rows
    made.refresh_from_db()
    assert made.minute == "12.4" and made.writers == [people.secretary.person.pk, people.second.person.pk]


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ([{**BACK, "arrangement": "joint"}], "in no joint committee on 2027-04-01"),
        ([BACK, {**BACK, "arrangement": "joint", "from": "2027-05-01"}], "overlaps .*2027-05-01"),
        (
            [
                {
                    "kind": "status",
                    "lines": [RENAL],
                    "status": "AMBER",
                    "from": "2027-04-01",
                    "to": "2028-04-01",
                }
            ],
            "2028-04-01",
        ),
    ],
)
def test_a_decision_that_leaves_a_gap_or_an_overlap_is_refused_with_its_dates_before_anybody_approves(
    people: People, effects: list[dict[str, Any]], said: str
) -> None:
    made = drafted(people.secretary, *effects)
    with pytest.raises(DecisionError, match=said):
        actions.propose(actor=people.secretary, record=made, version=1)
    made.refresh_from_db()
    assert made.state == "draft" and Entry.objects.filter(action="decisions.propose").count() == 0


def test_a_decision_that_is_not_made_yet_is_not_put_for_approval(people: People) -> None:
    made = drafted(
        people.secretary, made_on=today() + timedelta(days=3), public_on=today() + timedelta(days=3)
    )
    with pytest.raises(DecisionRefused, match="is to be made on"):
        actions.propose(actor=people.secretary, record=made, version=1)


def test_a_decision_that_becomes_public_later_is_adopted_then(people: People) -> None:
    made = proposed(people.secretary, public_on=today() + timedelta(days=3))
    approve(people.first, made)
    approve(people.second, made)
    with pytest.raises(DecisionRefused, match="becomes public on"):
        adopt(people.secretary, made)
    made.refresh_from_db()
    assert made.state == "proposed"


def test_a_later_decision_revokes_an_earlier_one_and_each_names_the_other(people: People) -> None:
    adopted(people)
    again = {**BACK, "arrangement": "delegated", "from": "2027-10-01"}
    adopted(people, again, reference="T2026-02", revokes=["T2026-01"])
    held = register()
    assert held.earlier_decisions("T2026-02") == [("revokes", "T2026-01")]
    assert held.later_decisions("T2026-01") == [("revokes", "T2026-02")]
    assert arrangement(date(2027, 9, 30)) == "national" and arrangement(date(2027, 10, 1)) == "delegated"
    third = drafted(people.secretary, again, reference="T2026-03", amends=["T2026-01"])
    with pytest.raises(DecisionError, match=r"T2026-01 was revoked by T2026-02"):
        actions.propose(actor=people.secretary, record=third, version=1)


def test_an_adopted_decision_is_never_changed_withdrawn_or_adopted_again(people: People) -> None:
    made = adopted(people)
    acts = (
        lambda: actions.change(
            actor=people.secretary, record=made, version=made.version, content={"title": "Another"}
        ),
        lambda: actions.withdraw(actor=people.secretary, record=made, reason="No longer"),
        lambda: actions.send_back(actor=people.first, record=made, reason="No longer"),
        lambda: adopt(people.secretary, made),
    )
    for act in acts:
        with pytest.raises(DecisionRefused, match="is “adopted”"):
            act()


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("provider", {"draft", "change", "propose", "approve", "send_back", "withdraw", "adopt"}),
        ("icb_lead", {"draft", "change", "propose", "approve", "send_back", "withdraw", "adopt"}),
        ("committee_secretary", {"draft", "change", "propose", "approve", "send_back", "withdraw", "adopt"}),
        ("regional_team", {"draft", "change", "propose", "approve", "send_back", "withdraw", "adopt"}),
        ("national_team", {"draft", "change", "propose", "withdraw", "adopt"}),
        ("administrator", {"draft", "change", "propose", "approve", "send_back", "withdraw", "adopt"}),
    ],
)
def test_an_action_is_refused_without_its_permission_whoever_calls_it(
    people: People, role: str, refused: set[str]
) -> None:
    who = person(role, email="who@x.example").actor()
    draft, waiting = drafted(people.secretary, reference="T2026-05"), proposed(people.secretary)
    ways = {
        "draft": lambda: drafted(who, reference="T2026-06"),
        "change": lambda: actions.change(
            actor=who, record=draft, version=draft.version, content={"title": "Another"}
        ),
        "propose": lambda: actions.propose(actor=who, record=draft, version=draft.version),
        "approve": lambda: approve(who, waiting),
        "send_back": lambda: actions.send_back(actor=who, record=waiting, reason="Not yet"),
        "withdraw": lambda: actions.withdraw(actor=who, record=waiting, reason="Not yet"),
        "adopt": lambda: adopt(who, waiting),
    }
    rows = Entry.objects.count()
    for name in refused:
        with pytest.raises(NotAllowed):
            ways[name]()
    assert Entry.objects.count() == rows
    assert set(STATES) >= {each.state for each in DecisionRecord.objects.all()} == {"draft", "proposed"}


def test_a_committees_secretary_drafts_what_a_committee_decides_and_nothing_else() -> None:
    who = person("committee_secretary").actor()
    tier = {"kind": "tier", "lines": [RENAL], "tier": "multi-ICB", "from": "2027-04-01"}
    made = actions.draft(
        actor=who,
        reference="MID-2026-01",
        content=CONTENT | {"effects": [tier]},
        organisation="COM-MIDLANDS",
    )
    with pytest.raises(NotAllowed, match="arrange is NHS England’s to decide"):
        actions.add_effect(actor=who, record=made, version=1, effect=BACK)
    for organisation in ("X24", "COM-LONDON"):
        with pytest.raises(NotAllowed):
            actions.draft(actor=who, reference="MID-2026-02", content=CONTENT, organisation=organisation)
    assert list(DecisionRecord.objects.visible_to(who)) == [made]
    drafted(People().secretary)
    assert list(DecisionRecord.objects.visible_to(who)) == [made]


def test_a_change_is_added_and_taken_out_and_one_that_cannot_be_read_is_refused_at_once(
    people: People,
) -> None:
    made = drafted(people.secretary)
    with pytest.raises(DecisionError, match="no region"):
        actions.add_effect(
            actor=people.secretary, record=made, version=1, effect={**BACK, "regions": ["Y99"]}
        )
    made = actions.add_effect(
        actor=people.secretary, record=made, version=1, effect={**BACK, "regions": ["Y61"]}
    )
    assert len(made.effects) == 2
    made = actions.remove_effect(actor=people.secretary, record=made, version=made.version, place=0)
    assert [each["regions"] for each in made.effects] == [["Y61"]]
    with pytest.raises(DecisionRefused, match="no such change"):
        actions.remove_effect(actor=people.secretary, record=made, version=made.version, place=4)


def test_a_reference_is_used_once_and_one_of_the_register_not_at_all(people: People) -> None:
    drafted(people.secretary)
    for reference in ("T2026-01", "t2026-01", next(iter(register().decisions))):
        with pytest.raises(Exception, match=r"take another reference|is no reference"):
            drafted(people.second, reference=reference)
    assert DecisionRecord.objects.count() == 1


def test_an_approval_and_an_adoption_need_a_reason(people: People) -> None:
    made = proposed(people.secretary)
    with pytest.raises(ReasonNeeded):
        actions.approve(
            actor=people.first,
            record=made,
            content_hash=made.content_hash,
            snapshot=register().snapshot,
            reason=" ",
        )
    approve(people.first, made)
    approve(people.second, made)
    with pytest.raises(ReasonNeeded):
        actions.adopt(actor=people.secretary, record=made, content_hash=made.content_hash, reason="")
    made.refresh_from_db()
    assert made.state == "proposed"


def test_a_disk_that_is_full_at_the_last_moment_leaves_the_decision_for_approval(
    people: People, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = proposed(people.secretary)
    approve(people.first, made)
    approve(people.second, made)

    def full(path: Path, content: bytes, mode: int = 0o644) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(decided, "write_atomically", full)
        with pytest.raises(OSError, match="No space left"):
            adopt(people.secretary, made)
    made.refresh_from_db()
    assert (made.state, made.adopter, made.recorded_on) == ("proposed", None, None)
    assert Entry.objects.get(action="decisions.not_adopted").reason
    adopt(people.secretary, made)
    assert arrangement(CHANGEOVER) == "national"


def test_nothing_is_adopted_while_something_else_changes_the_workspace(
    people: People, workspace: Workspace
) -> None:
    made = proposed(people.secretary)
    approve(people.first, made)
    approve(people.second, made)
    with workspace.lock("a build"), pytest.raises(WorkspaceError, match="try again when it is done"):
        adopt(people.secretary, made)
    made.refresh_from_db()
    assert made.state == "proposed"


def test_the_registers_answer_does_not_depend_on_the_draft(people: People, workspace: Workspace) -> None:
    before = register().snapshot
    proposed(people.secretary)
    assert register().snapshot == before == Register.load(workspace).snapshot

"""What sides write: second savers, points, evidence by its content, the boards side by side, and their file."""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.readiness.files import CSV, JPEG, PDF, docx, png, workbook
from tests.site.accounts.world import come_in
from tests.site.readiness.world import (
    OURS,
    THEIRS,
    People,
    assessed,
    begun,
    moved,
    opened,
    rated,
    recommended,
    signed,
)
from tests.site.reading import words

from speccom.readiness.course import ReadinessError
from speccom.readiness.evidence import LARGEST, EvidenceRefused
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import ReasonNeeded
from speccom.site.audit.models import Entry
from speccom.site.core.edited import Stale
from speccom.site.readiness import actions, queries, upload
from speccom.site.readiness.models import Answer, Assessment, Evidence, Member, Point, Round
from speccom.site.readiness.queries import Asked
from speccom.workspace import Workspace


def client_of(who: Actor) -> Client:
    client = Client()
    come_in(client, who.person)
    return client


def drafted(people: People) -> Assessment:
    return begun(people.lead, opened(people.national))


# --- the second to save


def test_the_second_of_two_who_rate_a_test_is_shown_the_first(people: People) -> None:
    made = drafted(people)
    address = reverse("readiness_test", args=[made.pk, "finance"])
    first, second = client_of(people.lead), client_of(people.colleague)
    assert first.post(address, {"version": 0, "rating": "met", "grounds": "Balanced"}).status_code == 302
    answer = second.post(address, {"version": 0, "rating": "partly", "grounds": "A deficit"})
    text = words(answer.content.decode())
    assert answer.status_code == 409 and "lead@qnc.example saved a change" in text
    assert "Balanced" in text and "A deficit" in text
    assert 'name="version" value="1"' in answer.content.decode()
    assert Answer.objects.get().grounds == "Balanced"
    assert second.post(address, {"version": 1, "rating": "partly", "grounds": "A deficit"}).status_code == 302
    assert Answer.objects.get().grounds == "A deficit"


def test_the_second_of_two_who_change_a_risk_is_shown_the_first(people: People) -> None:
    made = drafted(people)
    said = {
        "words": "Few nurses",
        "criterion": "workforce",
        "mitigation": "Training",
        "owner": "Chief nurse",
        "due": "2027-06-01",
    }
    risk = actions.put_point(actor=people.lead, assessment=made, kind="risk", values=said)
    address = reverse("readiness_point", args=[made.pk, risk.pk])
    change = said | {"version": 1, "mitigation": "Recruiting abroad"}
    assert client_of(people.lead).post(address, change).status_code == 302
    other = said | {"version": 1, "owner": "Chief people officer"}
    answer = client_of(people.colleague).post(address, other)
    text = words(answer.content.decode())
    assert answer.status_code == 409 and "Recruiting abroad" in text and "Chief people officer" in text
    assert Point.objects.get().owner == "Chief nurse"
    assert client_of(people.colleague).post(address, other | {"version": 2}).status_code == 302


def test_the_second_of_two_who_choose_a_recommendation_or_the_days_is_shown_the_first(
    people: People,
) -> None:
    made = assessed(people)
    actions.recommend(
        actor=people.national, assessment=made, recommendation="joint", grounds="A year together", version=0
    )
    address = reverse("readiness_recommend", args=[made.pk])
    said = {"version": 0, "recommendation": "delegate", "grounds": "All is well"}
    answer = client_of(people.national).post(address, said)
    assert answer.status_code == 409 and "A year together" in answer.content.decode()
    actions.change_round(
        actor=people.national,
        round_=made.round,
        version=1,
        title="Another name",
        deadlines=made.round.days,
        reason="Clearer",
    )
    days = made.round.days | {"draft": made.round.days["draft"] + timedelta(days=1)}
    with pytest.raises(Stale) as stale:
        actions.change_round(
            actor=people.national,
            round_=made.round,
            version=1,
            title="Another name",
            deadlines=days,
            reason="Later",
        )
    assert stale.value.beside.plain == [
        (
            "Last days",
            "With the board until 25 January 2027; With the region until 3 March 2027; "
            "With the national panel until 3 April 2027",
            "With the board until 26 January 2027; With the region until 3 March 2027; "
            "With the national panel until 3 April 2027",
        )
    ]
    assert Round.objects.get().title == "Another name"


def test_the_second_of_two_who_choose_boards_is_shown_the_first(people: People) -> None:
    made = begun(people.region, opened(people.national))
    address = reverse("readiness_gather", args=[made.pk])
    said = {"version": 1, "name": "The North Midlands", "boards": [OURS, THEIRS], "reason": "One footprint"}
    client = client_of(people.region)
    assert client.post(address, said).status_code == 302
    other = said | {"name": "The South Midlands", "boards": [OURS, "QOC"]}
    answer = client.post(address, other)
    text = words(answer.content.decode())
    assert answer.status_code == 409 and "The North Midlands" in text and f"{THEIRS} and {OURS}" in text
    assert {each.board for each in Member.objects.all()} == {OURS, THEIRS}
    assert client.post(address, other | {"version": 2}).status_code == 302
    assert {each.board for each in Member.objects.all()} == {OURS, "QOC"}


def test_nobody_takes_out_what_was_changed_after_they_looked(people: People) -> None:
    made = drafted(people)
    mine = actions.put_point(actor=people.lead, assessment=made, kind="strength", values={"words": "Staff"})
    actions.put_point(
        actor=people.colleague,
        assessment=made,
        kind="strength",
        values={"words": "Our staff"},
        point=mine,
        version=1,
    )
    address = reverse("readiness_remove_point", args=[made.pk, mine.pk])
    answer = client_of(people.lead).post(address, {"version": 1})
    assert answer.status_code == 400
    assert "colleague@qnc.example changed it since you looked" in words(answer.content.decode())
    assert client_of(people.lead).post(address).status_code == 400
    assert Point.objects.get().words == "Our staff"


def test_saving_the_same_again_changes_nothing_and_ends_no_signature(people: People) -> None:
    made = drafted(people)
    rated(people.lead, made, only=["finance"])
    before = Assessment.objects.get().changes, Entry.objects.count()
    rated(people.colleague, made, only=["finance"])
    assert (Assessment.objects.get().changes, Entry.objects.count()) == before


# --- ratings and points


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"criterion": "charm"}, ReadinessError),
        ({"rating": "superb"}, ReadinessError),
        ({"grounds": "  "}, ReasonNeeded),
    ],
)
def test_a_rating_that_cannot_be_is_refused(people: People, said: dict[str, str], refused: Any) -> None:
    held: dict[str, Any] = {"criterion": "finance", "rating": "met", "grounds": "It is so", "version": 0}
    with pytest.raises(refused):
        actions.rate(actor=people.lead, assessment=drafted(people), **held | said)
    assert not Answer.objects.exists()


def test_a_risk_without_mitigation_owner_or_day_is_asked_for_again(people: People) -> None:
    made = drafted(people)
    with pytest.raises(ReadinessError, match="say what is done about it, by whom and by when too"):
        actions.put_point(actor=people.lead, assessment=made, kind="risk", values={"words": "Few nurses"})
    address = reverse("readiness_point_add", args=[made.pk, "risk"])
    answer = client_of(people.lead).post(address, {"words": "Few nurses"})
    assert answer.status_code == 400 and "Say by whom" in answer.content.decode()
    assert (
        client_of(people.lead).get(reverse("readiness_point_add", args=[made.pk, "joy"])).status_code == 404
    )


def test_a_point_is_taken_out_again_by_its_side(people: People) -> None:
    made = drafted(people)
    mine = actions.put_point(actor=people.lead, assessment=made, kind="strength", values={"words": "Staff"})
    address = reverse("readiness_remove_point", args=[made.pk, mine.pk])
    assert client_of(people.lead).post(address, {"version": 1}).status_code == 302
    assert not Point.objects.exists()
    assert Entry.objects.filter(action="readiness.strength_remove").exists()


# --- evidence


def send(who: Actor, of: Assessment, name: str, content: bytes, **said: str) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return client_of(who).post(reverse("readiness_send", args=[of.pk]), said | {"file": file})


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("plan.pdf", PDF, "application/pdf"),
        ("picture.png", png(), "image/png"),
        ("picture.jpg", JPEG, "image/jpeg"),
        ("risks.csv", CSV, "text/csv; charset=utf-8"),
        ("notes.txt", b"<script>alert(1)</script>", "text/plain; charset=utf-8"),
        ("plan.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("plan.xlsx", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_is_taken_by_its_content_and_given_only_as_a_download(
    people: People, name: str, content: bytes, media_type: str
) -> None:
    made = drafted(people)
    assert send(people.lead, made, name, content, criterion="finance").status_code == 302
    answer = client_of(people.region).get(
        reverse("readiness_evidence", args=[made.pk, Evidence.objects.get().pk])
    )
    assert answer.content == content and answer["Content-Type"] == media_type
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("plan.pdf", png(), "holds a PNG picture"),
        ("plan.pdf", b"MZ\x90\x00\x03", "none of the kinds"),
        ("plan.docx", docx("word/vbaProject.bin"), "carries macros"),
        ("plan.pdf", b"%PDF-1.4 cut", "cut off"),
        ("plan.txt", b"", "empty"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_kept(
    people: People, workspace: Workspace, name: str, content: bytes, told: str
) -> None:
    made = drafted(people)
    answer = send(people.lead, made, name, content)
    assert answer.status_code == 400 and told in words(answer.content.decode())
    assert not Evidence.objects.exists() and not list(workspace.root.glob("evidence/*"))


def test_a_file_over_the_limit_is_refused_and_never_held_whole(
    people: People, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = drafted(people)
    answer = send(people.lead, made, "plan.txt", b"a" * (LARGEST + 1))
    assert answer.status_code == 400 and "larger than 10 MB" in words(answer.content.decode())
    handler = upload.Limited()
    handler.new_file("file", "plan.txt", "text/plain", 0)
    chunk = b"a" * 2**16
    kept = sum(len(handler.receive_data_chunk(chunk, 0) or b"") for _ in range(400))
    assert LARGEST < kept <= LARGEST + len(chunk)
    monkeypatch.setattr(upload, "LARGEST_REQUEST", 1000)
    assert send(people.lead, made, "plan.txt", b"a" * 2000).status_code == 400
    assert not Evidence.objects.exists() and not list(workspace.root.glob("evidence/*"))


def test_a_file_lies_under_a_random_name_that_only_its_owner_reads(
    people: People, workspace: Workspace
) -> None:
    made = drafted(people)
    send(people.lead, made, "../../Plan for QNC.pdf", PDF)
    [file] = workspace.evidence.iterdir()
    kept = Evidence.objects.get()
    assert (kept.name, file.name) == ("Plan for QNC.pdf", kept.kept_as) and len(kept.kept_as) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(workspace.evidence.stat().st_mode) == 0o700


def test_a_sides_files_are_shown_as_its_part_is(people: People) -> None:
    made = signed(people)
    assert send(people.region, made, "plan.pdf", PDF).status_code == 302
    address = reverse("readiness_evidence", args=[made.pk, Evidence.objects.get().pk])
    for who in (people.lead, people.national, people.neighbour, people.other_region):
        assert client_of(who).get(address).status_code == 404
    rated(people.region, made)
    moved(people.region, made, "complete")
    for who in (people.lead, people.national):
        assert client_of(who).get(address).status_code == 200
    for who in (people.neighbour, people.other_region, people.secretary):
        assert client_of(who).get(address).status_code == 404


def test_nobody_sends_or_removes_a_file_for_another_side(people: People, workspace: Workspace) -> None:
    made = drafted(people)
    send(people.lead, made, "plan.pdf", PDF)
    mine = Evidence.objects.get()
    for who, status in ((people.region, 403), (people.neighbour, 404), (people.analyst, 403)):
        assert send(who, made, "other.pdf", PDF).status_code == status
        with pytest.raises(NotAllowed):
            actions.send_evidence(actor=who, assessment=made, criterion="", name="other.pdf", content=PDF)
    remove = reverse("readiness_remove_evidence", args=[made.pk])
    assert client_of(people.region).post(remove, {"evidence": mine.pk}).status_code == 403
    rated(people.lead, made)
    moved(people.lead, made, "sign")
    assert client_of(people.region).post(remove, {"evidence": mine.pk}).status_code == 400
    assert client_of(people.lead).post(remove, {"evidence": mine.pk}).status_code == 403
    assert [each.name for each in workspace.evidence.iterdir()] == [mine.kept_as]


def test_a_file_that_is_removed_is_gone_and_stays_on_record(
    people: People, workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    made = drafted(people)
    send(people.lead, made, "plan.pdf", PDF)
    with django_capture_on_commit_callbacks(execute=True):
        remove = reverse("readiness_remove_evidence", args=[made.pk])
        assert client_of(people.lead).post(remove, {"evidence": Evidence.objects.get().pk}).status_code == 302
    assert not list(workspace.evidence.iterdir()) and not Evidence.objects.exists()
    assert "plan.pdf" in Entry.objects.get(action="readiness.evidence_remove").before


def test_what_is_not_put_on_record_is_not_kept(
    people: People, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = drafted(people)

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "record_act", broken)
    with pytest.raises(OSError, match="disk"):
        actions.send_evidence(actor=people.lead, assessment=made, criterion="", name="plan.pdf", content=PDF)
    assert not Evidence.objects.exists() and not list(workspace.evidence.iterdir())


def test_a_side_has_a_limit_of_files(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafted(people)
    monkeypatch.setattr(actions, "MOST_FILES", 1)
    send(people.lead, made, "plan.pdf", PDF)
    answer = send(people.lead, made, "other.pdf", PDF)
    assert answer.status_code == 400 and "1 files already" in answer.content.decode()


def test_a_file_that_the_workspace_lost_is_said_to_be_lost(people: People, workspace: Workspace) -> None:
    made = drafted(people)
    send(people.lead, made, "plan.pdf", PDF)
    kept = Evidence.objects.get()
    Path(workspace.evidence / kept.kept_as).unlink()
    answer = client_of(people.lead).get(reverse("readiness_evidence", args=[made.pk, kept.pk]))
    assert answer.status_code == 404 and "no longer has this file" in answer.content.decode()


def test_content_is_judged_even_where_no_page_is_asked(people: People) -> None:
    with pytest.raises(EvidenceRefused):
        actions.send_evidence(
            actor=people.lead,
            assessment=drafted(people),
            criterion="",
            name="plan.pdf",
            content=b"MZ\x90\x00",
        )


# --- boards side by side


def test_all_boards_of_the_day_stand_beside_each_other_for_the_national_team(people: People) -> None:
    round_ = opened(people.national)
    recommended(people, round_=round_)
    begun(people.neighbour, round_, THEIRS)
    rows = queries.beside(people.national, round_)
    assert len(rows) == len(actions.boards_on(round_.on))
    held = {each.board: each for each in rows}
    assert (held[OURS].state, held[THEIRS].state, held["QMF"].state) == ("recommended", "draft", "not_begun")
    assert held[OURS].rating("finance") == "partly" and held[OURS].rating("finance", "board") == "met"
    assert held[OURS].differing and held[OURS].recommendation == "delegate"

    def found(**asked: str) -> list[str]:
        return [each.board for each in queries.chosen(rows, Asked(**asked))]

    assert found(recommendation="delegate") == [OURS] == found(only="differ") == found(state="recommended")
    assert found(text="staffordshire") == [OURS] == found(text="qnc")
    assert set(found(region="Y60")) == {
        each for each, region in actions.boards_on(round_.on).items() if region == "Y60"
    }
    assert found(only="low") == []


def test_the_picture_tells_what_the_table_tells_and_no_more_than_one_may_see(
    people: People, client: Client
) -> None:
    round_ = opened(people.national)
    signed(people, round_)
    come_in(client, people.region.person)
    said = words(client.get(f"/readiness/rounds/{round_.pk}/").content.decode())
    assert "by the eight tests: 8 met, 0 partly met and 0 not yet met" in said
    come_in(client, people.national.person)
    said = words(client.get(f"/readiness/rounds/{round_.pk}/?side=region").content.decode())
    assert "by the eight tests" not in said, "nothing that they may see is rated"


def test_each_sees_beside_each_other_what_they_may_see_of_each(people: People) -> None:
    round_ = opened(people.national)
    assessed(people, round_)
    rated(people.national, Assessment.objects.get(), "not_yet")
    assert [each.board for each in queries.beside(people.lead, round_)] == [OURS]
    [row] = queries.beside(people.analyst, round_)
    assert row.rating("finance") == "partly" and row.rating("finance", "panel") == ""
    assert {each.region for each in queries.beside(people.region, round_)} == {"Y60"}
    assert {each.region for each in queries.beside(people.other_region, round_)} == {"Y56"}
    assert queries.beside(people.secretary, round_) == []
    text = words(client_of(people.lead).get(reverse("readiness_round", args=[round_.pk])).content.decode())
    assert "1 board. As the last side that you see rates them" in text


def test_what_cannot_be_chosen_by_is_refused(people: People) -> None:
    address = reverse("readiness_round", args=[opened(people.national).pk])
    client = client_of(people.national)
    for asked in ({"state": "lost"}, {"side": "press"}, {"only": "mine"}, {"recommendation": "maybe"}):
        assert client.get(address, asked).status_code == 400
    assert "No board is like that" in client.get(address, {"text": "nowhere"}).content.decode()


def test_boards_leave_as_csv_and_as_a_workbook_for_a_reason_on_record(people: People) -> None:
    round_ = opened(people.national)
    recommended(people, round_=round_)
    address = reverse("readiness_file", args=[round_.pk])
    client = client_of(people.national)
    held = client.post(f"{address}?region=Y60", {"file": "csv", "reason": "For the panel"})
    rows = {each["board"]: each for each in csv.DictReader(io.StringIO(held.content.decode()))}
    assert rows.keys() == {code for code, region in actions.boards_on(round_.on).items() if region == "Y60"}
    assert rows[OURS]["panel_finance"] == "Partly met" and rows[OURS]["board_finance"] == "Met"
    assert rows[OURS]["recommendation"] == "Delegate" and rows[THEIRS]["state"] == "Not begun"
    book = zipfile.ZipFile(
        io.BytesIO(client.post(address, {"file": "xlsx", "reason": "For the panel"}).content)
    )
    assert "Boards" in book.read("xl/workbook.xml").decode()
    assert Entry.objects.filter(action="readiness.export").count() == 2
    assert client.post(address, {"file": "csv", "reason": ""}).status_code == 400
    assert client.post(address, {"file": "doc", "reason": "For it"}).status_code == 400
    assert Entry.objects.filter(action="readiness.export").count() == 2


def test_the_file_holds_no_more_than_its_taker_sees(people: People) -> None:
    round_ = opened(people.national)
    made = signed(people, round_)
    rated(people.region, made, "not_yet")
    address = reverse("readiness_file", args=[round_.pk])
    held = client_of(people.lead).post(address, {"file": "csv", "reason": "For our board"})
    [row] = csv.DictReader(io.StringIO(held.content.decode()))
    assert row["board"] == OURS and row["region_finance"] == "" and row["board_finance"] == "Met"


# --- pages


def test_a_round_and_an_assessment_are_begun_from_their_pages(people: People) -> None:
    client = client_of(people.national)
    sent = {
        "title": "Assessment of 2026",
        "on": "2026-11-02",
        "opens": "2026-11-02",
        "last_day_draft": "2027-02-01",
        "reason": "As planned",
    }
    assert client.post(reverse("readiness"), sent | {"title": ""}).status_code == 400
    assert client.post(reverse("readiness"), sent | {"on": "2021-01-01"}).status_code == 400
    assert client.post(reverse("readiness"), sent).status_code == 302
    round_ = Round.objects.get()
    assert round_.deadlines["draft"] == "2027-02-01" and round_.deadlines["signed"] == "2027-03-03"
    lead = client_of(people.lead)
    address = reverse("readiness_begin", args=[round_.pk])
    assert "NHS Staffordshire" in lead.get(address).content.decode()
    assert lead.post(address, {"boards": [THEIRS]}).status_code == 400
    assert lead.post(address, {"boards": [OURS]}).status_code == 302
    assert "no board of yours" in lead.get(address).content.decode()
    text = words(
        lead.get(reverse("readiness_assessment", args=[Assessment.objects.get().pk])).content.decode()
    )
    assert "It is with your board: you may write" in text and "8 of 8 left" in text


def test_the_workspace_leads_to_assessments_for_whoever_sees_them(people: People) -> None:
    for who in (people.lead, people.analyst, people.region, people.national, people.secretary):
        assert "Readiness of systems" in client_of(who).get(reverse("workspace")).content.decode()

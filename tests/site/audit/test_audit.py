"""The audit table is only added to, is one chain however many write, and tells when it was tampered with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from tests.site.processes import command, own_database, run, start

from speccom.site.audit.actions import AuditError, ChainBroken, ReasonNeeded, record, verify
from speccom.site.audit.canonical import NotCanonical, canonical
from speccom.site.audit.models import FIRST, AppendOnly, Entry, Head

READY = (
    "import sys; from speccom.workspace import Workspace; from speccom.site.config.ready import ready; "
    "ready(Workspace.locate()); "
)
WRITE = READY + (
    "from django.db import transaction; from speccom.site.audit.actions import record\n"
    "for number in range(int(sys.argv[2])):\n"
    "    with transaction.atomic():\n"
    "        record(actor=sys.argv[1], organisation='QNC', action='people.test', subject=f'test {number}',\n"
    "               reason='to be one chain', after={'number': number})\n"
)
TAMPER = READY + "from django.db import connection\nconnection.cursor().execute(sys.argv[1])\n"


def did(subject: str = "person ann@example.org", **more: Any) -> Entry:
    """One row, in a transaction of its own."""
    given = {"actor": "ann@example.org", "organisation": "QNC", "action": "people.invite"} | more
    with transaction.atomic():
        return record(subject=subject, **{"reason": "joins the team"} | given)


def rewrite(sql: str, *values: object) -> None:
    """What somebody with the database's own password could do."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_each_row_carries_the_hash_of_the_row_before() -> None:
    first, second = did(), did(before={"role": "icb_analyst"}, after={"role": "icb_lead"})
    assert (first.number, first.previous_hash) == (1, FIRST)
    assert (second.number, second.previous_hash) == (2, first.own_hash)
    assert second.before == '{"role":"icb_analyst"}'
    assert verify().entries == 2


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "  ", "\x00\x00\x00\x00", "ok"])
def test_a_change_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(ReasonNeeded, match="Say why"):
        did(reason=reason)
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_recorded_outside_a_transaction_is_refused() -> None:
    with pytest.raises(AuditError, match="outside the transaction"):
        record(actor="a", organisation="", action="people.x", subject="s", reason="a reason")


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_leaves_no_row_and_no_gap() -> None:
    did()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(actor="a", organisation="", action="people.x", subject="s", reason="a reason")
        _ = 1 / 0
    assert did().number == 2
    assert verify().entries == 2


@pytest.mark.django_db
def test_a_row_cannot_be_changed_or_removed_through_the_models() -> None:
    entry = did()
    entry.reason = "another"
    for attempt in (
        entry.save,
        entry.delete,
        lambda: Entry.objects.update(reason="another"),
        lambda: Entry.objects.filter(number=1).delete(),
        lambda: Entry.objects.bulk_update([entry], ["reason"]),
        lambda: Entry.objects.bulk_create([entry]),
        lambda: Entry.objects.create(number=9),
        lambda: Entry.objects.get_or_create(number=9),
        lambda: Entry.objects.update_or_create(number=1, defaults={"reason": "another"}),
        lambda: Entry._base_manager.filter(number=1).update(reason="another"),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert verify().entries == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("update audit_entry set reason = 'never mind' where number = 2", "row 2, which is not as it was"),
        ("update audit_entry set after = '{}' where number = 2", "row 2, which is not as it was"),
        ("delete from audit_entry where number = 2", "row 2, which is gone: the next is row 3"),
        ("delete from audit_entry where number = 3", "row 3, which is gone: the chain went on to row 3"),
        ("update audit_head set number = 2", "row 3, which the head of the chain does not know"),
        ("update audit_entry set previous_hash = own_hash where number = 3", "row 3, which does not follow"),
    ],
)
def test_the_first_broken_row_is_named(sql: str, said: str) -> None:
    for number in range(3):
        did(f"person {number}")
    verify()
    rewrite(sql)
    with pytest.raises(ChainBroken, match=said):
        verify()


@pytest.mark.django_db
def test_a_chain_written_anew_is_told_by_the_hash_that_was_noted() -> None:
    for number in range(3):
        did(f"person {number}")
    noted = verify()
    did("person 4")
    assert verify((noted.entries, noted.last)).entries == 4
    rewrite("delete from audit_entry")
    rewrite("delete from audit_head")
    for number in range(4):
        did(f"somebody {number}")
    assert verify().entries == 4
    with pytest.raises(ChainBroken, match="row 3, which has another hash than the one that was noted"):
        verify((noted.entries, noted.last))


@pytest.mark.django_db
def test_rows_that_were_noted_and_are_no_longer_there_are_missed() -> None:
    did()
    noted = verify()
    rewrite("delete from audit_entry")
    rewrite("delete from audit_head")
    with pytest.raises(ChainBroken, match="row 1 was noted once"):
        verify((noted.entries, noted.last))


def test_values_have_one_way_of_being_written() -> None:
    one = canonical({"b": Decimal("1.50"), "a": [date(2026, 4, 1), None, True, "é"]})
    assert one == '{"a":["2026-04-01",null,true,"é"],"b":"1.50"}'
    with pytest.raises(NotCanonical, match=r"0\.1"):
        canonical({"share": 0.1})


def test_processes_that_begin_at_once_make_one_database_and_one_chain(tmp_path: Path) -> None:
    environment = own_database(tmp_path)
    writers = [start(environment, WRITE, f"writer {number}", "15") for number in range(4)]
    said = [writer.communicate(timeout=180)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4, said
    checked = command(environment, "audit", "verify")
    assert checked.returncode == 0, checked.stderr
    assert "The audit table holds: 60 rows." in checked.stdout
    noted = checked.stdout.rsplit(" ", 1)[1].strip()
    assert command(environment, "audit", "verify", "--noted", noted).returncode == 0

    run(environment, TAMPER, "update audit_entry set actor = 'nobody' where number = 31")
    broken = command(environment, "audit", "verify")
    assert broken.returncode == 1
    assert broken.stderr == "The audit table is broken at row 31, which is not as it was written.\n"
    assert command(environment, "audit", "verify", "--noted", "31").returncode == 2


@pytest.mark.django_db
def test_the_head_of_the_chain_is_one_row() -> None:
    did()
    did()
    assert [(head.pk, head.number) for head in Head.objects.all()] == [(1, 2)]

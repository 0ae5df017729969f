"""A file is what its content is: each kind is known, and what pretends is refused in words that help."""

from __future__ import annotations

import pytest
from tests.readiness import files

from speccom.readiness.evidence import LARGEST, EvidenceRefused, clean_name, kind_of

TAKEN = [
    ("plan.pdf", files.PDF, "pdf"),
    ("Plan.PDF", files.PDF, "pdf"),
    ("no ending", files.PDF, "pdf"),
    ("letter.docx", files.docx(), "docx"),
    ("money.xlsx", files.workbook(), "xlsx"),
    ("map.png", files.png(), "png"),
    ("photo.jpg", files.JPEG, "jpeg"),
    ("photo.jpeg", files.JPEG, "jpeg"),
    ("risks.csv", files.CSV, "csv"),
    ("notes.txt", b"Two partners agreed.", "text"),
    ("notes", "﻿Ein Wort".encode(), "text"),
]

REFUSED = [
    ("empty.pdf", b"", "is empty"),
    ("plan.pdf", files.PDF[:-8], "cut off"),
    ("map.png", files.png()[:30], "cut off"),
    ("photo.jpg", files.JPEG[:-2], "cut off"),
    ("program.pdf", b"MZ\x90\x00\x03", "none of the kinds"),
    ("plan.docx", files.office("anything.xml", "zip"), "none of the kinds"),
    ("letter.docx", files.docx("word/vbaProject.bin"), "macros"),
    ("letter.docx", files.docx()[:-30], "cannot be opened"),
    (
        "letter.docx",
        files.office("word/document.xml", "vnd.ms-word.document.macroEnabled.main+xml"),
        "none of the kinds",
    ),
    ("table.xlsx", files.docx(), "is called .xlsx and holds a Word document"),
    ("plan.pdf", files.png(), "is called .pdf and holds a PNG picture"),
    ("page.pdf", b"<html><script>alert(1)</script>", "is called .pdf and holds a Plain text"),
    ("latin.txt", "café".encode("latin-1"), "none of the kinds"),
    ("nul.txt", b"a\x00b", "none of the kinds"),
    ("large.txt", b"a" * (LARGEST + 1), "larger than 10 MB"),
]


@pytest.mark.parametrize(("name", "content", "kind"), TAKEN, ids=[each[0] for each in TAKEN])
def test_each_kind_is_known_by_its_content(name: str, content: bytes, kind: str) -> None:
    assert kind_of(content, name).kind == kind


@pytest.mark.parametrize(
    ("name", "content", "told"), REFUSED, ids=[f"{each[0]} {each[2]}" for each in REFUSED]
)
def test_what_is_not_what_it_says_is_refused_and_says_what_to_do(
    name: str, content: bytes, told: str
) -> None:
    with pytest.raises(EvidenceRefused, match=told):
        kind_of(content, name)


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    assert kind_of(b"a" * LARGEST, "whole.txt").kind == "text"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\plan.pdf", "plan.pdf"),
        ("plan\u202efdp.exe", "planfdp.exe"),
        ('a"b\r\nSet-Cookie: x.pdf', "a_bSet-Cookie_ x.pdf"),
        ("...", "file"),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
    ],
)
def test_names_lose_folders_and_tricks(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept

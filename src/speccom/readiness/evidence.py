"""What an evidence file is, judged by its content and never by its name. It stores nothing."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib

from speccom.errors import SpeccomError
from speccom.readiness.tables import Kind, kinds

LARGEST = 10 * 1024 * 1024
"""Bytes of a file at most."""

_MOST_MEMBERS = 5_000
_LARGEST_INSIDE = 200 * 1024 * 1024  # bytes that an office file may unpack to, as it says itself
_LARGEST_LIST = 1024 * 1024  # bytes of its list of contents
_OFFICE = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_NAME = 120


class EvidenceRefused(SpeccomError):
    """A file that is not taken as evidence."""

    code = "evidence_refused"


def kind_of(content: bytes, name: str) -> Kind:
    """The kind of a file of at most `LARGEST` bytes. Raises `EvidenceRefused`, saying what to send instead.

    The name only tells a CSV table from other plain text; a name that says one kind over the content of
    another is refused, since whoever opens it would be misled.
    """
    if not content:
        raise EvidenceRefused(f"{clean_name(name)} is empty: choose the file again.")
    if len(content) > LARGEST:
        raise EvidenceRefused(too_large(name))
    found = _found(content, name)
    ending = _ending(name)
    others = {each for kind in kinds().values() if kind is not found for each in kind.endings}
    if ending in others and not (found.kind in ("text", "csv") and ending in (".txt", ".csv")):
        raise EvidenceRefused(
            f"{clean_name(name)} is called {ending} and holds a {found.name}: name it rightly, then send it again."
        )
    return found


def too_large(name: str) -> str:
    """The sentence for a file over `LARGEST`."""
    return f"{clean_name(name)} is larger than {LARGEST // 1024 // 1024} MB: send the part of it that is the evidence."


def clean_name(name: str) -> str:
    """A file's name without folders, control or formatting characters, short enough to show and to save."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(each for each in base if unicodedata.category(each)[0] != "C").strip(" .")
    kept = re.sub(r'[<>:"|?*]', "_", kept)
    if len(kept) > _LONGEST_NAME:
        ending = _ending(kept)[:10]
        kept = kept[: _LONGEST_NAME - len(ending)] + ending
    return kept or "file"


def _found(content: bytes, name: str) -> Kind:
    known = kinds()
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise EvidenceRefused(
                f"{clean_name(name)} is a PDF that is cut off: save it again and send that."
            )
        return known["pdf"]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        if content[12:16] != b"IHDR" or b"IEND" not in content[-64:]:
            raise EvidenceRefused(f"{clean_name(name)} is a PNG picture that is cut off: save it again.")
        return known["png"]
    if content.startswith(b"\xff\xd8\xff"):
        if b"\xff\xd9" not in content[-1024:]:
            raise EvidenceRefused(f"{clean_name(name)} is a JPEG picture that is cut off: save it again.")
        return known["jpeg"]
    if content.startswith(b"PK\x03\x04"):
        return known[_office(content, name)]
    if _is_text(content):
        return known["csv" if _ending(name) == ".csv" else "text"]
    raise EvidenceRefused(_not_taken(name))


def _office(content: bytes, name: str) -> str:
    """Which office file a zip is, by the members that it has and what its own list calls them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {each.filename for each in members}
            if (
                len(members) > _MOST_MEMBERS
                or sum(each.file_size for each in members) > _LARGEST_INSIDE
                or any(each.flag_bits & 1 for each in members)
            ):
                raise EvidenceRefused(
                    f"{clean_name(name)} is locked or unpacks to too much: save it plainly."
                )
            if "[Content_Types].xml" not in names:
                raise EvidenceRefused(_not_taken(name))
            with archive.open("[Content_Types].xml") as handle:
                listed = handle.read(_LARGEST_LIST)
    # Reading a zip raises each of these: `NotImplementedError` for a compression that Python does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise EvidenceRefused(f"{clean_name(name)} cannot be opened: save it again and send that.") from error
    if any(each.lower().endswith("vbaproject.bin") for each in names):
        raise EvidenceRefused(f"{clean_name(name)} carries macros: save it without them, as .docx or .xlsx.")
    for kind, (member, said) in _OFFICE.items():
        if member in names and said in listed:
            return kind
    raise EvidenceRefused(_not_taken(name))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None


def _ending(name: str) -> str:
    found = re.search(r"\.[A-Za-z0-9]{1,9}$", name)
    return found[0].lower() if found else ""


def _not_taken(name: str) -> str:
    *most, last = (kind.name for kind in kinds().values())
    return (
        f"{clean_name(name)} is none of the kinds that are taken as evidence: {', '.join(most)} or {last} "
        "(text in UTF-8). Save it as one of these."
    )

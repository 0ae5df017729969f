"""Reads the bytes of a submitted file, streaming: finds its rows and what no database reader would survive.

Knows CSV (RFC 4180) and nothing of contract monitoring. A row is a row of the spreadsheet: the header
is row 1, and an empty line still has its number. Memory is bounded by one block, whatever the file.
"""

from __future__ import annotations

import csv
import hashlib
import re
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from speccom.contracts.checks import FileRefused

BLOCK_BYTES = 1024 * 1024  # fits a processor cache: larger blocks scan slower
# Longer than any real row by far, and half of what DuckDB's reader would take.
LONGEST_ROW_BYTES = 1024 * 1024
_LOOK_BYTES = 64 * 1024

# How a row split.
WHOLE, WRONG_COUNT, STRAY_QUOTE, EMPTY_LINE = range(4)

_COMMA, _NEWLINE, _RETURN, _QUOTE, _SPACE = b',\n\r" '
_UTF8_MARK = b"\xef\xbb\xbf"
# £ written as UTF-8, read as Windows-1252 and written as UTF-8 again.
_MISREAD_POUND = b"\xc3\x82\xc2\xa3"
_FIELD = rb'(?:"(?:[^"]++|"")*+"|[^",\r\n]*+)'
_RECORD = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*+\r?\n")
_FIELD_START = re.compile(_FIELD)
_QUOTED = re.compile(rb'"(?:[^"]++|"")*+"')
# Spaces in UTF-8 that no reader takes for one: no-break, zero-width, byte-order mark.
_ODD_SPACE = re.compile(b"\xc2\xa0|\xe2\x80\x8b|\xef\xbb\xbf")
# Control characters that no text has; tab, line ends and form feed are text.
_CONTROLS = bytes(set(range(1, 32)) - {9, 10, 12, 13})

Spaces = Literal["none", "plain", "odd"]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole rows: their bytes, where each ends, and how each split (none given: all are whole);
    where in the file they begin, and whether any cell may begin or end with a space."""

    data: bytes
    ends: Positions
    kinds: npt.NDArray[np.int8] | None
    newline: bytes
    offset: int = 0
    edge_spaces: bool = True

    def row(self, index: int) -> bytes:
        """One row without its line end."""
        start = int(self.ends[index - 1]) if index else 0
        return self.data[start : int(self.ends[index])].rstrip(b"\r\n")


class Place(NamedTuple):
    """Where a block of rows lies in the file, how many rows it has, and whether each is a line of its own."""

    offset: int
    size: int
    rows: int
    lines_are_rows: bool


@dataclass(slots=True)
class Scan:
    """What the bytes of a file say. `rows` counts the lines after the header, the empty ones among them.

    `marked_rows` are the numbers of those that are not whole, `marked_kinds` how each split. `edge_spaces`:
    a cell may have spaces around it; `odd_spaces`: and they may be others than the space bar's.
    """

    sha256: str = ""
    size: int = 0
    header: list[str] = field(default_factory=list)
    rows: int = 0
    windows_1252: bool = False
    misread_pounds: int = 0
    edge_spaces: bool = False
    odd_spaces: bool = False
    ends_whole: bool = True
    newlines: set[bytes] = field(default_factory=set)
    places: list[Place] = field(default_factory=list)
    marked_rows: array[int] = field(default_factory=lambda: array("q"))
    marked_kinds: array[int] = field(default_factory=lambda: array("b"))

    @property
    def records(self) -> int:
        """Rows that hold something."""
        return self.rows - sum(1 for kind in self.marked_kinds if kind == EMPTY_LINE)

    @property
    def spaces(self) -> Spaces:
        """What spaces a cell may have around it."""
        return "odd" if self.odd_spaces else "plain" if self.edge_spaces else "none"

    @property
    def must_be_rewritten(self) -> bool:
        """Whether the database's reader needs a copy with the faults made harmless."""
        return self.windows_1252 or bool(self.marked_rows) or len(self.newlines) > 1 or b"\r" in self.newlines


def scan(path: Path) -> Scan:
    """Read a file once from end to end. Raises `FileRefused` for what refuses the whole file."""
    found = Scan(size=path.stat().st_size)
    digest = hashlib.sha256()
    try:
        for block in _blocks(path, found, digest):
            _add(block, found)
    except FileRefused as refusal:
        raise refusal.in_columns(found.header) from None
    found.sha256 = digest.hexdigest()
    return found


def rewrite(path: Path, found: Scan, target: Path) -> None:
    """Write a copy that a strict reader takes: UTF-8, one kind of line end, bad rows left blank.

    Every row keeps its number: what cannot be split, and an empty line, becomes a row of blanks.
    """
    blank = b"," * (len(found.header) - 1) + b"\n"
    with target.open("wb") as out:
        out.write(blank)
        for block in _blocks(path, Scan()):
            if block.kinds is None:
                out.write(as_utf8(block.data, found).replace(block.newline, b"\n"))
            else:
                for index, kind in enumerate(block.kinds.tolist()):
                    out.write(as_utf8(block.row(index), found) + b"\n" if kind == WHOLE else blank)


def rows_at(path: Path, found: Scan, wanted: Collection[int]) -> Iterator[tuple[int, str]]:
    """The text of some rows as they were sent, by row number, ascending."""
    numbers = np.sort(np.fromiter(wanted, dtype=np.int64, count=len(wanted)))
    first = 2
    with path.open("rb") as file:
        for place in found.places:
            low, high = np.searchsorted(numbers, [first, first + place.rows])
            if low < high:
                file.seek(place.offset)
                rows = _rows_of(file.read(place.size), place, found)
                for number in numbers[low:high].tolist():
                    yield number, as_utf8(rows[number - first].rstrip(b"\r"), found).decode("utf-8")
            first += place.rows


def _rows_of(data: bytes, place: Place, found: Scan) -> list[bytes]:
    """The rows of a block that was scanned before."""
    if b"\r" in found.newlines:
        data = data.replace(b"\r", b"\n")
    if place.lines_are_rows:
        return data.split(b"\n")
    data = data if data.endswith(b"\n") else data + b"\n"
    block = _irregular(data, len(found.header), 2, True, False, False)
    return [block.row(index) for index in range(len(block.ends))]


def as_utf8(data: bytes, found: Scan) -> bytes:
    """Bytes of the file as UTF-8; the five bytes that Windows-1252 leaves undefined become U+FFFD."""
    return data.decode("cp1252", errors="replace").encode("utf-8") if found.windows_1252 else data


def _add(block: Block, found: Scan) -> None:
    if not block.data.isascii():
        found.misread_pounds += block.data.count(_MISREAD_POUND)
        found.windows_1252 = found.windows_1252 or not _is_utf8(block.data)
        found.odd_spaces = found.odd_spaces or found.windows_1252 or _ODD_SPACE.search(block.data) is not None
    if block.kinds is not None:
        marked = np.flatnonzero(block.kinds)
        found.marked_rows.extend((marked + found.rows + 2).tolist())
        found.marked_kinds.extend(block.kinds[marked].tolist())
    lines_are_rows = b'"' not in block.data or _count(block.data, _NEWLINE) == len(block.ends)
    # A cell of several lines may begin or end with a line end.
    found.odd_spaces = found.odd_spaces or b"\t" in block.data or not lines_are_rows
    found.edge_spaces = found.edge_spaces or block.edge_spaces
    found.places.append(Place(block.offset, len(block.data), len(block.ends), lines_are_rows))
    found.newlines.add(block.newline)
    found.rows += len(block.ends)


def _blocks(path: Path, found: Scan, digest: Any = None) -> Iterator[Block]:
    """The rows after the header, block by block; fills in what the first bytes and the last say."""
    with path.open("rb") as file:
        returns_only = _look(file, found)
        held = b""
        row = 1  # of the first byte held, and where in the file that byte lies
        offset = columns = 0
        while True:
            chunk = file.read(BLOCK_BYTES)
            final = not chunk
            if digest is not None:
                digest.update(chunk)
            if b"\0" in chunk:
                before = held + chunk[: chunk.index(b"\0")]
                raise FileRefused("NUL_BYTE", row=row + before.count(b"\n"))
            if returns_only:
                chunk = chunk.replace(b"\r", b"\n")
            held += chunk
            if final and held:
                found.ends_whole = held.endswith(b"\n")
                held += b"" if found.ends_whole else b"\r\n" if found.newlines == {b"\r\n"} else b"\n"
            if not columns:
                mark = len(_UTF8_MARK) if held.startswith(_UTF8_MARK) else 0
                taken = _take_header(held[mark:], found, final)
                if taken:
                    row, offset = 2, mark + taken
                    columns, held = len(found.header), held[offset:]
            while columns and held:
                block = _regular(held, columns, returns_only)
                if block is None:
                    cut_short = final and not found.ends_whole
                    block = _irregular(held, columns, row, final, cut_short, returns_only)
                _check_lengths(block, len(held), row)
                if not len(block.ends):
                    break
                yield replace(block, offset=offset)
                row, offset = row + len(block.ends), offset + len(block.data)
                held = held[len(block.data) :]
                if not final:  # what is left is the beginning of the next block
                    break
            if final:
                return


def _look(file: BinaryIO, found: Scan) -> bool:
    """Look at the first bytes for what is no text at all; whether lines end with a return alone."""
    start = file.read(_LOOK_BYTES)
    file.seek(0)
    if not start.removeprefix(_UTF8_MARK).strip():
        raise FileRefused("EMPTY_FILE")
    if start[:4] == b"PK\x03\x04" or start[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileRefused("BINARY_FILE", detail=" (it looks like a workbook or a zip archive)")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRefused("BINARY_FILE", detail=" (it looks like UTF-16, which Excel calls Unicode text)")
    if len(start.translate(None, _CONTROLS)) < len(start) * 0.98:
        raise FileRefused("BINARY_FILE")
    return b"\r" in start and b"\n" not in start


def _take_header(data: bytes, found: Scan, final: bool) -> int:
    """Read row 1; how many bytes it took, or none while its end has not been seen."""
    match = _RECORD.match(data)
    if match is None:
        if b"\n" in data or final:
            raise FileRefused("UNCLOSED_QUOTE", row=1)
        if len(data) > LONGEST_ROW_BYTES:
            raise FileRefused("LONG_ROW", row=1)
        return 0
    text = match[0] if _is_utf8(match[0]) else match[0].decode("cp1252", errors="replace").encode("utf-8")
    found.header = next(csv.reader([text.decode("utf-8").rstrip("\r\n")]), [])
    found.newlines.add(b"\r\n" if match[0].endswith(b"\r\n") else b"\n")
    return match.end()


def _regular(data: bytes, columns: int, returns_only: bool) -> Block | None:
    """The rows of a block in which every row is whole, found all at once; none if any is not."""
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    is_mark = (bytes_ == _COMMA) | (bytes_ == _NEWLINE)
    if b'"' in data:
        is_mark |= bytes_ == _QUOTE
        marks = np.flatnonzero(is_mark)
        is_quote = bytes_[marks] == _QUOTE
        quotes = marks[is_quote]
        # A separator counts where as many quotes opened as closed before it.
        separators = marks[~is_quote & (np.cumsum(is_quote, dtype=np.int32) % 2 == 0)]
    else:
        separators = np.flatnonzero(is_mark)
        quotes = separators[:0]
    ends = separators[columns - 1 :: columns]
    inside = separators[: len(ends) * columns]
    if len(ends) == 0 or np.count_nonzero(bytes_[inside] == _NEWLINE) != len(ends):
        return None
    if not _quotes_enclose_fields(bytes_, quotes[quotes <= ends[-1]]):
        return None
    if not (bytes_[ends] == _NEWLINE).all():
        return None
    size = int(ends[-1]) + 1
    returns = np.count_nonzero(bytes_[:size] == _RETURN)
    if returns and (returns != len(ends) or not (bytes_[ends - 1] == _RETURN).all()):
        return None
    newline = b"\r" if returns_only else b"\r\n" if returns else b"\n"
    is_space = bytes_ == _SPACE
    edge_spaces = is_space[0] or (is_mark[1:] & is_space[:-1]).any() or (is_mark[:-1] & is_space[1:]).any()
    return Block(data[:size], ends + 1, None, newline, edge_spaces=bool(edge_spaces))


def _quotes_enclose_fields(bytes_: npt.NDArray[np.uint8], quotes: Positions) -> bool:
    """Whether each opening quote starts a field, each closing one ends it, and the rest are doubled."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = bytes_[np.maximum(opening - 1, 0)]
    starts = (before == _COMMA) | (before == _NEWLINE) | (opening == 0)
    starts[1:] |= opening[1:] == closing[:-1] + 1
    after = bytes_[np.minimum(closing + 1, len(bytes_) - 1)]
    stops = (after == _COMMA) | (after == _NEWLINE) | (after == _RETURN)
    stops[:-1] |= opening[1:] == closing[:-1] + 1
    return bool(starts.all() and stops.all())


def _irregular(
    data: bytes, columns: int, row: int, final: bool, cut_short: bool, returns_only: bool
) -> Block:
    """The rows of a block one by one, each with how it split. `row` is the number of the first.

    `final`: nothing follows. `cut_short`: and the file itself does not end with a line end.
    """
    ends: list[int] = []
    kinds = bytearray()
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1
        if not end:
            break
        line = data[start:end]
        if b'"' in line:
            match = _RECORD.match(data, start)
            if match is not None:
                end, count = match.end(), _QUOTED.sub(b"", match[0]).count(b",") + 1
                if count != columns and b"\n" in match[0][:-1]:
                    raise FileRefused("UNCLOSED_QUOTE", row=row + len(ends), field=_unclosed(line))
                kind = WHOLE if count == columns else WRONG_COUNT
            elif (position := _unclosed(line)) is None:
                kind = STRAY_QUOTE
            elif final or len(data) - start > LONGEST_ROW_BYTES:
                raise FileRefused("UNCLOSED_QUOTE", row=row + len(ends), field=position)
            else:  # it may close in the bytes that follow
                break
        elif line in (b"\n", b"\r\n"):
            kind = EMPTY_LINE
        else:
            kind = WHOLE if line.count(b",") + 1 == columns and b"\r" not in line[:-2] else WRONG_COUNT
        if cut_short and end == len(data) and kind == WRONG_COUNT and line.count(b",") + 1 < columns:
            raise FileRefused("TRUNCATED", row=row + len(ends), field=line.count(b",") + 1)
        ends.append(end)
        kinds.append(kind)
        start = end
    newline = b"\r" if returns_only else b"\r\n" if b"\r\n" in data else b"\n"
    return Block(
        data[:start], np.array(ends, dtype=np.int64), np.frombuffer(bytes(kinds), dtype=np.int8), newline
    )


def _unclosed(line: bytes) -> int | None:
    """The number of the field in which a quote opens and the line ends before it closes; none if none."""
    position = 0
    for number in range(1, line.count(b",") + 2):
        match = _FIELD_START.match(line, position)
        if match is None or (match[0] == b"" and line[position : position + 1] == b'"'):
            return number
        position = match.end()
        if line[position : position + 1] != b",":
            return None
        position += 1
    return None


def _check_lengths(block: Block, held: int, row: int) -> None:
    lengths = np.diff(block.ends, prepend=0)
    if len(lengths) and int(lengths.max()) > LONGEST_ROW_BYTES:
        raise FileRefused("LONG_ROW", row=row + int(lengths.argmax()))
    if held - len(block.data) > LONGEST_ROW_BYTES:
        raise FileRefused("LONG_ROW", row=row + len(block.ends))


def _count(data: bytes, byte: int) -> int:
    """As `bytes.count`, ten times sooner."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == byte))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""Bytes of files: rows are found alike however the reading falls, and what no reader survives is refused."""

import csv
import io
import random
import resource
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.contracts import scan as scanning
from speccom.contracts.checks import FileRefused
from speccom.contracts.scan import EMPTY_LINE, STRAY_QUOTE, WRONG_COUNT, Scan, rewrite, rows_at, scan

HEADER = "a,b,c\n"


def kinds(content: str | bytes, directory: Path) -> dict[int, int]:
    """The rows that are not whole, by number, and how each split."""
    found = scanned(content, directory)
    return dict(zip(found.marked_rows, found.marked_kinds, strict=True))


def scanned(content: str | bytes, directory: Path) -> Scan:
    path = directory / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return scan(path)


def test_rows_are_counted_and_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    body = '1,2,3\n\n"two\nlines",2,3\n1,2\n"a ""b""",",",3\n1,2"3,4\n"x"y,2,3\n1,2,3,4\n'
    found = scanned(HEADER + body, tmp_path)
    assert dict(zip(found.marked_rows, found.marked_kinds, strict=True)) == {
        3: EMPTY_LINE,
        5: WRONG_COUNT,
        7: STRAY_QUOTE,
        8: STRAY_QUOTE,
        9: WRONG_COUNT,
    }
    assert (found.rows, found.records) == (8, 7)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_of_every_system_are_the_same_rows(tmp_path: Path, newline: str, mark: str) -> None:
    content = (mark + HEADER + '1,"2,x",3\n4,5,6').replace("\n", newline)
    found = scanned(content, tmp_path)
    assert found.header == ["a", "b", "c"]
    assert (found.rows, len(found.marked_rows), found.ends_whole) == (2, 0, False)
    path = tmp_path / "file.csv"
    assert list(rows_at(path, found, [3, 2])) == [(2, '1,"2,x",3'), (3, "4,5,6")]
    rewrite(path, found, tmp_path / "rewritten.csv")
    assert (tmp_path / "rewritten.csv").read_text() == ',,\n1,"2,x",3\n4,5,6\n'


def test_mixed_line_ends_and_bad_rows_are_rewritten_in_their_places(tmp_path: Path) -> None:
    found = scanned(b"a,b,c\r\n1,2,3\n\n1,2\r\n4,\xa3,6\r\n", tmp_path)
    assert found.windows_1252
    assert found.must_be_rewritten
    rewrite(tmp_path / "file.csv", found, tmp_path / "rewritten.csv")
    assert (tmp_path / "rewritten.csv").read_text() == ",,\n1,2,3\n,,\n,,\n4,£,6\n"


@pytest.mark.parametrize(
    ("content", "reason", "row", "field"),
    [
        (HEADER + '1,2,3\n1,"2,3\n4,5,6\n', "UNCLOSED_QUOTE", 3, "b"),
        (HEADER + '1,"2\n","3\n', "UNCLOSED_QUOTE", 2, "b"),
        (HEADER + '1,2,3\n1,2,"3', "UNCLOSED_QUOTE", 3, "c"),
        ('a,"b,c\n1,2,3\n', "UNCLOSED_QUOTE", 1, None),
        (HEADER + "1,2,3\n1,2", "TRUNCATED", 3, "b"),
        (HEADER + "1,2\x00,3\n", "NUL_BYTE", 2, None),
        (HEADER + "1,2,3\n" * 9 + "1,\x00", "NUL_BYTE", 11, None),
    ],
)
def test_a_refusal_names_row_and_field(
    tmp_path: Path, content: str, reason: str, row: int, field: str | None
) -> None:
    with pytest.raises(FileRefused) as refusal:
        scanned(content, tmp_path)
    assert (refusal.value.reason, refusal.value.row, refusal.value.field) == (reason, row, field)


@pytest.mark.parametrize("start", [HEADER, HEADER + "1,2,3\n", HEADER + '1,"', ""])
def test_a_line_of_100_megabytes_is_refused_quickly_and_in_little_memory(tmp_path: Path, start: str) -> None:
    path = tmp_path / "file.csv"
    with path.open("w") as file:
        file.write(start)
        for _ in range(100):
            file.write("x" * 1_000_000)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(FileRefused) as refusal:
        scan(path)
    assert refusal.value.reason in ("LONG_ROW", "UNCLOSED_QUOTE")
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kilobytes"


@pytest.mark.parametrize(
    ("row", "spaces"),
    [
        ("a b,c,d", "none"),
        (" a,b,c", "plain"),
        ("a,b ,c", "plain"),
        ('a," b",c', "plain"),
        ("a,b,c\t", "odd"),
        ("\u00a0a,b,c", "odd"),
        ('"a\n",b,c', "odd"),
    ],
)
def test_spaces_around_cells_are_noticed(tmp_path: Path, row: str, spaces: str) -> None:
    assert scanned(HEADER + row + "\n", tmp_path).spaces == spaces


CELLS = st.sampled_from(
    ["", "a", "1.5", "é", '"x,y"', '"p\nq"', '"d""d"', '""', 'st"ray', '"open', '"shut"x']
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=8)


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([7, 16, 64]))
def test_rows_do_not_depend_on_where_a_block_ends(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], newline: str, ended: bool, block: int
) -> None:
    directory = tmp_path_factory.mktemp("scan")
    content = newline.join(["a,b,c", *rows]) + (newline if ended else "")
    whole = _result(content, directory, scanning.BLOCK_BYTES)
    assert _result(content, directory, block) == whole
    if len(whole) == 3:
        return  # refused
    found = scanned(content, directory)
    if not found.marked_rows:
        read = list(csv.reader(io.StringIO(content, newline="")))
        assert [len(each) for each in read] == [3] * (found.rows + 1)
        if found.spaces != "odd":
            spaced = any(cell != cell.strip() for each in read[1:] for cell in each)
            assert not spaced or found.spaces == "plain"


def _result(content: str, directory: Path, block: int) -> tuple[object, ...]:
    """What a scan finds with blocks of a size: five things, or the three of a refusal."""
    usual = scanning.BLOCK_BYTES
    scanning.BLOCK_BYTES = block
    try:
        found = scanned(content, directory)
        texts = list(rows_at(directory / "file.csv", found, range(2, found.rows + 2)))
        return (found.rows, found.marked_rows, found.marked_kinds, found.sha256, texts)
    except FileRefused as refusal:
        return (refusal.reason, refusal.row, refusal.field)
    finally:
        scanning.BLOCK_BYTES = usual


def test_rows_of_many_blocks_are_found_again(tmp_path: Path) -> None:
    seeded = random.Random(1)
    lines = [f'{number},"{"x" * seeded.randrange(300)}",z' for number in range(20_000)]
    lines[7_000] = "bad"
    found = scanned(HEADER + "\n".join(lines), tmp_path)
    assert len(found.places) > 2
    wanted = [2, 7_002, 20_001]
    assert list(rows_at(tmp_path / "file.csv", found, wanted)) == [(each, lines[each - 2]) for each in wanted]

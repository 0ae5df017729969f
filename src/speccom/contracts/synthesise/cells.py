"""CSV cells in columns: numbers and indices become text, text is quoted where it must be, rows are written.

A column is an Arrow array of texts or, where every row says the same, one Python string. Writing joins the
columns of a part row by row and hands the bytes on: no row is ever a Python object.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, BinaryIO, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Strings: TypeAlias = "pa.Array[Any]"
Column: TypeAlias = "Strings | str"
Columns: TypeAlias = "dict[str, Column]"

# The published types of Arrow's functions know no arguments of mixed kinds, which these take.
compute = cast(Any, pyarrow.compute)


def quoted(text: str) -> str:
    """A CSV cell: quoted only where it has to be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def texts(values: list[str]) -> Strings:
    """Texts as CSV cells."""
    return pa.array([quoted(value) for value in values], pa.string())


def look_up(among: Strings, index: Ints) -> Strings:
    """Texts by index; negative is none."""
    return cast("Strings", compute.take(among, pa.array(index, pa.int64(), mask=index < 0)))


def numbers(values: Ints, where: Mask | None = None) -> Strings:
    """Whole numbers as text; none where not asked for."""
    return pa.array(values, pa.int64(), mask=None if where is None else ~where).cast(pa.string())


def join(*parts: Strings | str) -> Strings:
    """Texts set one behind the other, row by row; none stays none."""
    scalars = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return cast("Strings", compute.binary_join_element_wise(*scalars, ""))


def choose(where: Mask, yes: Column | None, no: Column | None) -> Strings:
    """One text or the other, row by row."""
    picked = [
        pa.scalar(each, pa.string()) if each is None or isinstance(each, str) else each for each in (yes, no)
    ]
    return cast("Strings", compute.if_else(pa.array(where), *picked))


def part(column: Strings, start: int, end: int) -> Strings:
    """The characters of each text from `start` up to `end`."""
    return cast("Strings", compute.utf8_slice_codeunits(column, start, end))


def is_in(column: Strings, values: set[str] | frozenset[str]) -> Mask:
    """Which rows hold one of some texts; none is not one."""
    found = compute.is_in(column, value_set=pa.array(sorted(values), pa.string()))
    return cast("Mask", found.to_numpy(zero_copy_only=False))


def pounds(pence: Ints) -> Strings:
    """Exact pounds with two decimals; pence are not negative."""
    return join(numbers(pence // 100), look_up(_decimals(2), pence % 100))


def unit_price(pence: Ints, units: Ints) -> Strings:
    """Pounds for one of `units` with four decimals, so that count × price is within a penny of the cost."""
    price = (pence * 200 + units) // (2 * units)
    return join(numbers(price // 10_000), look_up(_decimals(4), price % 10_000))


def write_rows(handle: BinaryIO, header: list[str], columns: Columns) -> int:
    """Append rows to a file, fields in the order of `header` and empty where absent; how many they were."""
    pieces: list[Any] = []
    constant = ""
    for position, name in enumerate(header):
        column = columns.get(name, "")
        constant += "," if position else ""
        if isinstance(column, str):
            constant += column
        else:
            pieces += [pa.scalar(constant), column]
            constant = ""
    pieces.append(pa.scalar(constant + "\r\n"))
    rows = compute.binary_join_element_wise(*pieces, "", null_handling="replace", null_replacement="")
    # The texts of an Arrow array lie end to end in one buffer: that buffer is the file.
    handle.write(rows.buffers()[2])
    return len(rows)


@lru_cache(maxsize=2)
def _decimals(places: int) -> Strings:
    return pa.array([f".{number:0{places}d}" for number in range(10**places)])

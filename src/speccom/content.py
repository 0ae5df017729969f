"""The tables that ship with a package, as CSV files in its `content` folder."""

from __future__ import annotations

import csv
from importlib.resources import files


def rows(package: str, name: str) -> list[dict[str, str]]:
    """Every row of one table by its columns, in the order of the file; `name` is the file's, without its ending."""
    text = files(package).joinpath("content", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))

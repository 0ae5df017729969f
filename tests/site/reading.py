"""Reads a page as a person does: its words, without its markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

Read = Callable[..., str]
"""Address, expected status and what is asked → the page's words."""


def words(html: str) -> str:
    """What a reader sees of a page, on one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def table_rows(table: str) -> list[list[str]]:
    """The rows of a table as a reader has them, the headings first."""
    return [
        [
            " ".join(
                unescape(
                    re.sub(r"<[^>]+>", " ", re.sub(r'<span class="nhsuk-table__heading".*?</span>', "", cell))
                ).split()
            )
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)
        ]
        for row in re.findall(r"<tr.*?</tr>", table, flags=re.S)
    ]


def small_counts(rows: list[list[str]]) -> list[str]:
    """Counts of people or lines from 1 to 7 in a table whose first row is its headings."""
    counts = [place for place, name in enumerate(rows[0]) if name in ("Patients", "Lines of the ledger")]
    return [row[place] for row in rows[1:] for place in counts if row[place] in list("1234567")]

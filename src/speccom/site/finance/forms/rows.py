"""Reads from an address which row of a table is to be opened."""

from __future__ import annotations

from collections.abc import Mapping

from speccom.site.explore.forms import AskedWrong, text


def row(asked: Mapping[str, str], name: str = "row") -> int:
    """The place of a row, from 1. Raises `AskedWrong` for what is no such place."""
    said = text(asked, name)
    if not (said.isascii() and said.isdigit() and len(said) < 7):
        raise AskedWrong(f"{name} is {said!r}: give the place of a row, 1 for the first.")
    return int(said)

"""Writes values as JSON in the one way that a hash can be taken of: keys in order, nothing that rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from speccom.errors import SpeccomError


class NotCanonical(SpeccomError):
    """A value that has no one way of being written, such as a float."""

    code = "not_canonical"


def canonical(value: Any) -> str:
    """A value as JSON: keys sorted, no space, dates and decimals as texts. Raises `NotCanonical`."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    raise NotCanonical(
        f"{value!r} cannot be put on record: give text, a whole number, a Decimal, a date, or a list of them."
    )

"""Reads the JSON files of finance: every number exact as it is written, and whatever is doubtful refused."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from speccom.errors import SpeccomError

_LONGEST, _FURTHEST = 60, 30
"""Characters of a number, and powers of ten that it lies from 1, at most: pounds and shares need far fewer."""


def exact_json(text: str, refusal: type[SpeccomError]) -> Any:
    """The value of a JSON text, its numbers as decimals digit by digit.

    Raises `refusal` for what is not JSON or nested too deep, a key that is there twice, NaN and infinity, a number
    too long or too large to be pounds or a share, and texts with control characters or halves of a character.
    """

    def number(digits: str) -> Decimal:
        try:
            value = Decimal(digits)
        except InvalidOperation:  # an exponent beyond what a decimal can have
            value = None
        if value is None or len(digits) > _LONGEST or abs(value.adjusted()) > _FURTHEST:
            raise refusal(
                f"{digits[:40]} is no number of pounds or a share: it has too many digits. Write it shorter."
            )
        return value

    def no_number(word: str) -> NoReturn:
        raise refusal(f"The file says {word}, which is no number: give one, or leave the entry out.")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise refusal(
                    f"{key!r} is there twice, once as {told(found[key])} and once as {told(value)}: keep one."
                )
            found[key] = value
        return found

    try:
        found = json.loads(
            text, parse_float=number, parse_int=number, parse_constant=no_number, object_pairs_hook=once
        )
        unprintable = _unprintable(found)
    except json.JSONDecodeError as error:
        raise refusal(
            f"The file is not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise refusal("The file is not JSON of this kind: it is nested too deep.") from error
    if unprintable is not None:
        raise refusal(f"{unprintable[:40]!a} has characters that cannot be printed: write it without them.")
    return found


def told(value: Any) -> str:
    """A value of such a file as a refusal repeats it."""
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)[:60]


def _unprintable(value: Any) -> str | None:
    """The first text, keys included, with a control character or half a character in it."""
    if isinstance(value, str):
        bad = any((ord(each) < 32 and each not in "\n\r\t") or 0xD800 <= ord(each) < 0xE000 for each in value)
        return value if bad else None
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for each in parts if (found := _unprintable(each)) is not None), None)

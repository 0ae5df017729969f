"""Words that every page shares: the product's name, dates, counts, and codes that lead to their pages."""

from __future__ import annotations

import re
from datetime import date

from django.urls import reverse
from markupsafe import Markup, escape

from speccom.period import long_date as _long_date
from speccom.site.core.library import register

PRODUCT = "Speccom"
_CODE = re.compile(r"\b[A-Z0-9]{3,9}\b")
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")


def long_date(day: date) -> str:
    """`1 April 2024`."""
    return _long_date(day)


def is_day(value: object) -> bool:
    """Whether a value is a day as `long_date` writes it, which a line should not break."""
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 service`, `70 services`, `1,204 changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: list[str], joined: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joined} {words[-1]}" if words else ""


def address_of(code: str) -> str | None:
    """The page of a service line, an organisation or a trust by its code; none for any other word."""
    held = register()
    if code in held.lines:
        return reverse("line", args=[code])
    if code in held.organisations or code in held.providers:
        return reverse("organisation", args=[code])
    return None


def linked(sentence: str) -> Markup:
    """A sentence as safe HTML, each code in it leading to its page where it is first named."""
    parts, end, named = [], 0, set()
    for match in _CODE.finditer(sentence):
        address = address_of(match[0])
        if address and match[0] not in named:
            named.add(match[0])
            parts += [escape(sentence[end : match.start()]), _anchor(address, match[0])]
            end = match.end()
    return Markup("").join([*parts, escape(sentence[end:])])


def codes_in(sentence: str) -> list[str]:
    """The codes of lines and organisations that a sentence names, in order and once each."""
    return list(dict.fromkeys(code for code in _CODE.findall(sentence) if address_of(code)))


def _anchor(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)

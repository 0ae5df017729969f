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

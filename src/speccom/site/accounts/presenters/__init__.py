"""The words of the pages of people and accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speccom.site.core.pages import Link, Page


@dataclass(frozen=True, kw_only=True)
class FormPage(Page):
    """A page with one form: what it says before it, its button, and where else to go."""

    form: Any
    button: str
    action: str = ""
    notes: tuple[str, ...] = ()
    onward: str = ""
    links: tuple[Link, ...] = ()
    picture: str = ""
    typed: str = ""


@dataclass(frozen=True, kw_only=True)
class OncePage(Page):
    """Secrets that are shown on this page and on no other."""

    what: str
    secrets: tuple[str, ...]
    notes: tuple[str, ...]
    link: Link

"""The words of the pages of people and accounts."""

from __future__ import annotations

from dataclasses import dataclass

from speccom.site.core import pages
from speccom.site.core.pages import Link, Page


@dataclass(frozen=True, kw_only=True)
class FormPage(pages.FormPage):
    """A form of accounts, and where else to go."""

    action: str = ""
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

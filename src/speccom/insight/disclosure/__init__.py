"""Disclosure control, applied once and at the edge: what of a table may be shown to everybody.

Knows counts and money by cell and the tables that show them together; knows no service, page or command.
"""

from speccom.insight.disclosure.published import Protected, protect, protect_release
from speccom.insight.disclosure.release import DisclosureError, Release

__all__ = ["DisclosureError", "Protected", "Release", "protect", "protect_release"]

"""The conserved table: every received line once, with who pays for it, and what is summed from it."""

from __future__ import annotations

from speccom.ledger.manifest import LedgerError, Manifest, open_ledger

__all__ = ["LedgerError", "Manifest", "open_ledger"]

"""Which receipt counts for a provider, data set and month: the latest received of those that cover it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from speccom.contracts.book import Receipt


class Key(NamedTuple):
    """What a file restates as a whole. `financial_year` is as files write it: `202526`."""

    provider: str
    data_set: str
    financial_year: str
    month: int


class Covered(NamedTuple):
    """One receipt's cover of one key, and whether it counts there."""

    receipt: Receipt
    key: Key
    counts: bool


def resolve(receipts: Iterable[Receipt]) -> list[Covered]:
    """Every key that any receipt covers, in order of receipt; of those alike, only the last counts.

    Cover comes from the receipt book and so includes keys whose every row is in quarantine: a later
    file supersedes what it restates even when nothing of it could be used. A month that a later
    file lacks is not retracted. Source: contract-monitoring, "Coverage of a restatement".
    """
    in_order = sorted(receipts, key=lambda receipt: receipt.receipt)
    latest = {key: receipt.receipt for receipt in in_order for key in _keys(receipt)}
    return [
        Covered(receipt, key, latest[key] == receipt.receipt)
        for receipt in in_order
        for key in _keys(receipt)
    ]


def _keys(receipt: Receipt) -> list[Key]:
    return [
        Key(cover.provider, receipt.data_set, cover.financial_year, cover.month) for cover in receipt.coverage
    ]

"""Search: one query, over many of every kind, against its limit; and building the index."""

from __future__ import annotations

import time

from benchmarks import Ratio, median_seconds
from speccom.register import Register
from speccom.site.explore.content import rows
from speccom.site.explore.search import Index, entries, find, index_of

QUERY_LIMIT = 0.010
SLOWEST_LIMIT = 0.100
BUILD_LIMIT = 1.0


def main(lines: int) -> list[Ratio]:
    """Ratios whose reference is the limit itself, in seconds; none depends on `lines`."""
    register = Register.load()
    index_of(register)
    taken = sorted(_seconds(register, query) for query in _queries(register))
    return [
        Ratio("search, the mean query", sum(taken) / len(taken), QUERY_LIMIT, 1),
        Ratio("search, the slowest query", taken[-1], SLOWEST_LIMIT, 1),
        Ratio("search, building the index", median_seconds(lambda: Index(entries(register))), BUILD_LIMIT, 1),
    ]


def _queries(register: Register) -> list[str]:
    """Everyday words, names, codes, the same with a letter swapped, half of each, and nonsense."""
    words = [row["words"] for row in rows("everyday_words")]
    names = [line.name for line in register.lines.values()][::4]
    swapped = [text[:3] + text[4:5] + text[3:4] + text[5:] for text in (*words, *names)]
    begun = [text[: len(text) // 2] for text in (*words, *names)]
    return [*words, *names, *swapped, *begun, *register.lines, "qqxxzz " * 30, "x" * 5000]


def _seconds(register: Register, query: str) -> float:
    start = time.perf_counter()
    find(register, query)
    return time.perf_counter() - start

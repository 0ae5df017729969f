"""How much is in the register and how sure it is, counted from the facts themselves."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from speccom.register import Register
from speccom.register.facts import CONFIDENCE, shipped, shipped_files


@lru_cache(maxsize=2)
def by_confidence(register: Register) -> dict[str, Counter[str]]:
    """File of shipped facts (and `added`, the workspace's own) → confidence → how many facts."""
    found = {file: Counter(fact.confidence for fact in shipped(file)) for file in shipped_files()}
    if register.facts.additions:
        found["added"] = Counter(fact.confidence for fact in register.facts.additions)
    return found


def strongest_first() -> tuple[str, ...]:
    """The words for confidence, strongest first."""
    return CONFIDENCE[::-1]

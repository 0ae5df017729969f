"""Which sources stand behind what a page names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from speccom.register import Register, Source
from speccom.register.facts import shipped_files


def behind(register: Register, subjects: Iterable[str]) -> list[Source]:
    """The sources of every fact about any of the subjects (codes; services as `service 15`), by title."""
    found = {source for subject in subjects for source in _by_subject(register).get(subject, ())}
    return sorted((register.sources[source] for source in found), key=lambda source: source.title)


@lru_cache(maxsize=2)
def _by_subject(register: Register) -> dict[str, set[str]]:
    """Subject → the sources of the facts about it."""
    found: dict[str, set[str]] = defaultdict(set)
    for fact in register.facts.load(*shipped_files()):
        found[fact.subject].add(fact.source_id)
    return dict(found)

"""What the words of a question may mean: service lines; areas by name, town, former board or practice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from speccom.places.practices import Practice, PracticeList
from speccom.register import Register
from speccom.site.explore.search import index_of, practices_index

_LINE_CODE = re.compile(r"[A-Za-z]*\d\w*")
_AREA_CODE = re.compile(r"(?=\w*\d)\w{3,6}|[A-Z]{3}")
_MOST = 20  # choices that a person reads through


@dataclass(frozen=True, slots=True)
class Meant:
    """What words may mean: code → name, best first. `sure` of a single one unless it was spelt otherwise.

    `because` says how a code was found that was not asked for by name: through a GP practice.
    """

    asked: str
    choices: dict[str, str] = field(default_factory=dict)
    sure: bool = True
    because: str = ""

    @property
    def unsettled(self) -> bool:
        """Whether something was asked that is not yet one code."""
        return bool(self.asked) and (len(self.choices) != 1 or not self.sure)

    @property
    def only(self) -> str:
        """The one code, empty when nothing was asked."""
        return next(iter(self.choices), "")


def lines_meant(register: Register, words: str) -> Meant:
    """The service lines that words may mean; a code, known or not, stands for itself."""
    if words.upper() in register.lines or _LINE_CODE.fullmatch(words):
        return Meant(words, {words.upper(): words.upper()})
    found: dict[str, str] = {}
    hits = index_of(register).find(words, 50).hits
    for hit in hits:
        codes = (
            [hit.key]
            if hit.kind == "service line"
            else [line.code for line in register.lines.values() if line.service_ref == hit.key]
            if hit.kind == "service"
            else []
        )
        found |= {code: register.lines[code].name for code in codes}
    sure = any(hit.how != "nearest" for hit in hits)
    return Meant(words, dict(list(found.items())[:_MOST]), sure)


def areas_meant(
    register: Register, practices: PracticeList, words: str, on: date, known: date | None
) -> Meant:
    """The areas that words may mean on a date; a code, known or not, stands for itself.

    Boards come before their parts, and a board that has ended leads to those that followed it. A region
    stands for its boards. A practice stands for its area; several of one name are all offered.
    """
    code = words.upper()
    if code in practices.by_code:
        return _through(words, practices.by_code[code])
    if not words or code in register.organisations or _AREA_CODE.fullmatch(words):
        return Meant(words, {code: code} if words else {})
    hits = [hit for hit in index_of(register).find(words, 200).hits if hit.kind == "organisation"]
    active = register.areas(on, known)
    boards = [hit for hit in hits if hit.key in active and active[hit.key].kind == "icb"]
    boards = [hit for hit in boards if hit.how != "nearest"] or boards
    if boards:
        exact = [hit for hit in boards if hit.how in {"name", "start"}]
        chosen = exact if len(exact) == 1 else boards
        sure = chosen[0].how != "nearest"
        return Meant(words, {hit.key: hit.name for hit in chosen[:_MOST]}, sure)
    regions = {hit.key for hit in hits if hit.how != "nearest"}
    inside = {area.code for area in active.values() if area.kind == "icb" and area.region in regions}
    if inside:
        named = sorted((register.organisations[each].name, each) for each in inside)
        return Meant(words, {each: name for name, each in named})
    surgeries = practices_index(practices).find(words, _MOST).hits if practices.by_code else []
    if len(surgeries) == 1 and surgeries[0].how != "nearest":
        return _through(words, practices.by_code[surgeries[0].key])
    offered = {hit.key: f"{hit.name.title()}, a GP practice in {hit.note}" for hit in surgeries}
    return Meant(words, offered, all(hit.how != "nearest" for hit in surgeries))


def _through(words: str, practice: Practice) -> Meant:
    """The area of a practice, and that it was found through it."""
    because = f"{practice.name.title()} ({practice.code}) is a GP practice in {practice.area}."
    return Meant(words, {practice.area: practice.area}, because=because)

"""Finds what words may mean: an index of names, codes and everyday words; knows nothing of pages.

An index is built once for each register. A query is cut into words; every word must be found in an entry,
whole or as the beginning of one of its words. Where none holds them all, misspelt words are read as the
nearest that the index has, and then fewer words suffice. What is nearer to what was typed comes first:
a code, a whole name, the beginning of a name, the words of a name, everyday words, words read otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from speccom.places.practices import PracticeList
from speccom.register import Register
from speccom.site.explore.content import rows
from speccom.site.explore.queries.programmes import groups_of, programmes, slug

Kind = Literal[
    "service",
    "service line",
    "programme",
    "group",
    "organisation",
    "trust",
    "practice",
    "decision",
    "not specialised",
]
How = Literal["code", "name", "start", "words", "everyday words", "nearest"]

LONGEST, MOST_WORDS = 200, 12
"""More of a query than this many characters or words is not read."""

_NEAREST = 3  # words of the index that one misspelt word may stand for
_SMALL = frozenset(
    "a an and at by for from i icb in is it my nhs of on or the to who with".split(" ")  # noqa: SIM905
)
_KINDS: dict[Kind, int] = {
    "not specialised": 0,
    "service": 1,
    "programme": 2,
    "service line": 3,
    "group": 4,
    "organisation": 5,
    "trust": 6,
    "practice": 7,
    "decision": 8,
}
# British and American spellings, and the endings of plurals, read alike.
_ALIKE = (("ae", "e"), ("oe", "e"), ("our", "or"), ("isation", "ization"), ("ise", "ize"), ("lasse", "lase"))


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its kind, the key of its page, its name, how it was found, and a note if it has one.

    `because` is what else led to it: the organisation that it followed.
    """

    kind: Kind
    key: str
    name: str
    how: How = "words"
    note: str = ""
    because: str = ""


class Found(NamedTuple):
    """What a query found, best first, and the words that some of its words were read as, if any."""

    hits: list[Hit]
    read_as: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing that can be found. `others` are word lists that lead to it besides its name."""

    kind: Kind
    key: str
    name: str
    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    codes: tuple[str, ...]
    weight: int  # of two that match alike, the lighter comes first
    note: str = ""
    because: str = ""


def search(register: Register, query: str, limit: int = 20) -> list[Hit]:
    """What has a page, best matches first; none for an empty query or one that is like nothing here."""
    hits = index_of(register).find(query, limit + 1).hits
    return [hit for hit in hits if hit.kind != "not specialised"][:limit]


def find(register: Register, query: str, limit: int = 100, practices: PracticeList | None = None) -> Found:
    """As `search`, with notes on what is not specialised, and with what misspelt words were read as."""
    found = index_of(register).find(query, limit)
    if practices is None or not practices.by_code:
        return found
    surgeries = practices_index(practices).find(query, limit).hits
    sure = [hit for hit in surgeries if hit.how != "nearest"]
    # What a word of the register was read as matters no more once a practice is called that.
    return (
        Found([*found.hits, *sure], {})
        if sure and found.read_as
        else Found([*found.hits, *sure], found.read_as)
    )


def nearest(register: Register, query: str, limit: int = 6) -> list[Hit]:
    """What is spelt most like a query that found nothing."""
    return index_of(register).nearest(query, limit)


@lru_cache(maxsize=4)
def index_of(register: Register) -> Index:
    """The index of a register, built when first asked for."""
    return Index(entries(register))


@lru_cache(maxsize=2)
def practices_index(practices: PracticeList) -> Index:
    """The index of an imported practice list, built when first asked for."""
    return Index(
        _Entry(
            "practice",
            practice.code,
            practice.name,
            tuple(words_of(practice.name)),
            (tuple(words_of(practice.postcode)),),
            (practice.code,),
            0,
            practice.area,
        )
        for practice in practices.by_code.values()
    )


class Index:
    """Entries by the words and codes that lead to them."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = tuple(entries)
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_code: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            for word in (*entry.words, *(word for other in entry.others for word in other)):
                self._by_word[word].add(place)
            for code in entry.codes:
                self._by_code[code].append(place)
        self._vocabulary = sorted(self._by_word)
        self._by_trigram: dict[str, set[str]] = defaultdict(set)
        for word in self._vocabulary:
            for trigram in _trigrams(word):
                self._by_trigram[trigram].add(word)

    def find(self, query: str, limit: int) -> Found:
        """The entries that a query means."""
        typed = dict(_stems(query[:LONGEST])[:MOST_WORDS])  # by its stem, since an ending may be the mistake
        asked = list(typed)
        coded = self._by_code.get(query.strip().upper()[:LONGEST], [])
        wanted = [word for word in asked if word not in _SMALL] or asked
        if not wanted:
            return Found([], {})
        begun = {word: self._begun_by(word) for word in wanted}
        read_as = {word: self._near(typed[word]) for word in wanted if not begun[word]}
        places = self._holding_all([begun[word] or set(read_as[word]) for word in wanted])
        if not places and not coded:
            places = self._holding_most(wanted, begun, read_as)
        places = {place for place in places if self._asks_for(place, wanted, read_as)}
        ranked = sorted(
            (self._rank(place, asked, wanted, bool(read_as)) for place in places if place not in coded),
            key=lambda each: each[0],
        )
        hits = [_hit(self._entries[place], "code") for place in coded]
        hits += [_hit(self._entries[place], how) for (_, how, place) in ranked]
        return Found(_once(hits)[:limit], {typed[word]: near[0] for word, near in read_as.items() if near})

    def nearest(self, query: str, limit: int) -> list[Hit]:
        """The entries whose names share most of their letters, three by three, with the query."""
        asked = {trigram for word in words_of(query[:LONGEST])[:MOST_WORDS] for trigram in _trigrams(word)}
        scored = []
        for place, entry in enumerate(self._entries):
            own = {trigram for word in entry.words for trigram in _trigrams(word)}
            shared = len(asked & own)
            if shared > 1:
                scored.append((-2 * shared / (len(asked) + len(own)), entry.weight, place))
        return _once([_hit(self._entries[place], "nearest") for _, _, place in sorted(scored)[:limit]])

    # --- which entries

    def _asks_for(self, place: int, wanted: Sequence[str], read_as: Mapping[str, list[str]]) -> bool:
        """A note on what is not specialised is only for a query that holds all of its words."""
        entry = self._entries[place]
        typed = [*wanted, *(word for words in read_as.values() for word in words)]
        return entry.kind != "not specialised" or all(
            any(word.startswith(each) for each in typed) for word in entry.words if word not in _SMALL
        )

    def _begun_by(self, word: str) -> set[str]:
        """The words of the index that a word is or begins; one or two letters must be a whole word."""
        if len(word) < 3:
            return {word} if word in self._by_word else set()
        found, start = set(), bisect_left(self._vocabulary, word)
        for other in self._vocabulary[start:]:
            if not other.startswith(word):
                break
            found.add(other)
        return found

    def _near(self, word: str) -> list[str]:
        """The few words of the index that are spelt most like one that it does not hold."""
        if len(word) < 4:
            return []
        shared: dict[str, int] = defaultdict(int)
        for trigram in _trigrams(word):
            for other in self._by_trigram.get(trigram, ()):
                shared[other] += 1
        likely = sorted(shared, key=lambda other: (-shared[other] / (len(other) + len(word)), other))[:40]
        allowed = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        scored = sorted((_edits(word, other, allowed), other) for other in likely)
        close = [(edits, other) for edits, other in scored if edits <= allowed]
        return [other for edits, other in close if edits == close[0][0]][:_NEAREST]

    def _places(self, words: Iterable[str]) -> set[int]:
        return set().union(*(self._by_word[word] for word in words))

    def _holding_all(self, alternatives: Sequence[set[str]]) -> set[int]:
        found: set[int] | None = None
        for words in alternatives:
            places = self._places(words)
            found = places if found is None else found & places
            if not found:
                return set()
        return found or set()

    def _holding_most(
        self, wanted: Sequence[str], begun: Mapping[str, set[str]], read_as: Mapping[str, list[str]]
    ) -> set[int]:
        """The entries that hold the most telling words: those that few entries hold count for more."""
        score: dict[int, float] = defaultdict(float)
        for word in wanted:
            places = self._places(begun[word] or read_as[word])
            for place in places:
                score[place] += len(word) / (1 + len(places)) ** 0.5
        if not score:
            return set()
        best = max(score.values())
        return {place for place, each in score.items() if each >= 0.6 * best}

    # --- in which order

    def _rank(
        self, place: int, asked: Sequence[str], wanted: Sequence[str], misspelt: bool
    ) -> tuple[tuple[int | str, ...], How, int]:
        entry = self._entries[place]
        how = _how(entry, asked, wanted, misspelt)
        part = sum(not any(word in words for words in (entry.words, *entry.others)) for word in wanted)
        named = tuple(wanted) not in entry.others  # words of its own come before words that it holds
        order = (_ORDER[how] + entry.weight, named, part, _KINDS[entry.kind], len(entry.words), entry.name)
        return order, how, place


_ORDER: dict[How, int] = {"code": 0, "name": 1, "start": 2, "words": 3, "everyday words": 4, "nearest": 5}


def _how(entry: _Entry, asked: Sequence[str], wanted: Sequence[str], misspelt: bool) -> How:
    """By which of the ways, best first, an entry that matches was found."""
    if tuple(asked) == entry.words:
        return "name"
    # What all names of a kind begin with says nothing: `NHS Frimley ICB` begins with Frimley.
    own = [word for word in entry.words if word not in _SMALL]
    if own[: len(wanted) - 1] == list(wanted[:-1]) and " ".join(own).startswith(" ".join(wanted)):
        return "start"
    if all(any(word.startswith(each) for word in entry.words) for each in wanted):
        return "words"
    if misspelt or not all(
        any(word.startswith(each) for other in (entry.words, *entry.others) for word in other)
        for each in wanted
    ):
        return "nearest"
    return "everyday words"


def _hit(entry: _Entry, how: How) -> Hit:
    because = entry.because if how == "everyday words" else ""
    return Hit(entry.kind, entry.key, entry.name, how, entry.note, because)


def _once(hits: Iterable[Hit]) -> list[Hit]:
    return list({(hit.kind, hit.key): hit for hit in reversed(list(hits))}.values())[::-1]


# --- words


def words_of(text: str) -> list[str]:
    """A text as the words that are compared: no accents, no case, plurals and American spellings as one."""
    return [stem for stem, _ in _stems(text)]


def _stems(text: str) -> list[tuple[str, str]]:
    """Each word as it is compared, and as it was written."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("’", "'")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"'s?\b", "", plain)
    return [(_stem(word), word) for word in re.findall(r"[a-z0-9]+", plain)]


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    if any(letter.isdigit() for letter in word) or len(word) < 4:
        return word
    for one, other in _ALIKE:
        word = word.replace(one, other)
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _trigrams(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _edits(one: str, other: str, most: int) -> int:
    """Letters to add, leave out, change or swap with their neighbour to make one word of another.

    More than `most` is only said to be more. The distance is that of optimal string alignment.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            swapped = row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against
            line.append(min(cost, before[column - 2] + 1) if swapped else cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return last[-1]


# --- what can be found


def entries(register: Register) -> Iterator[_Entry]:
    """All that a register lets one find, with the words and codes that lead there."""
    everyday: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows("everyday_words"):
        words = tuple(words_of(row["words"]))
        for meaning in row["means"].split():
            everyday[meaning].append(words)
        if row["note"]:
            yield _Entry("not specialised", slug(row["words"]), row["words"], words, (), (), 0, row["note"])
    for service in register.services.values():
        gone = service.name.startswith("(")
        yield _entry(
            "service", service.ref, service.name, everyday[f"service:{service.ref}"], (service.ref,), 5 * gone
        )
    for line in register.lines.values():
        codes = (line.code, line.code.removeprefix("NCBPS"))
        yield _entry(
            "service line", line.code, line.name, everyday[f"line:{line.code}"], codes, _LINES[line.kind]
        )
    for programme, lines in programmes(register).items():
        if len(lines) < 2:
            continue  # a heading met on one line only is that line's old numbering
        yield _entry("programme", slug(programme), programme, everyday[f"programme:{slug(programme)}"], (), 0)
        for group in groups_of(register, programme):
            key = f"{slug(programme)}/{slug(group.name)}"
            yield _entry("group", key, group.name, (), (group.code,) if group.code else (), 0)
    yield from _bodies(register, everyday)
    plain = {row["decision_id"]: row for row in rows("decisions")}
    for key, decision in register.decisions.items():
        heading, plainly = (
            (plain[key]["heading"], plain[key]["plainly"])
            if key in plain
            else (decision.decision, decision.scope)
        )
        texts = (plainly, decision.decision)
        yield _entry("decision", key, heading, [tuple(words_of(text)) for text in texts], (key,), 2)


# A code that is paid for stands before one that is added to it, and both before one that is no longer.
_LINES = {
    "service line": 0,
    "network or hosted": 1,
    "top up": 3,
    "other nhse direct commissioning": 3,
    "retired or not applicable": 4,
}
_ROLES = {"integrated care board": 0, "region": 0, "national": 0, "sub-ICB location": 3}  # others: 1


def _bodies(register: Register, everyday: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[_Entry]:
    """Organisations, each also by the names and everyday words of those that it followed, and trusts."""
    for code, body in register.organisations.items():
        former = register.predecessors(code)
        others = [words for each in (code, *former) for words in everyday.get(f"organisation:{each}", ())]
        names = [register.organisations[each].name for each in former]
        because = f"It followed {' and '.join(names)}." if names else ""
        others += [tuple(words_of(name)) for name in names]
        weight = _ROLES.get(body.role, 1) + (1 if body.valid_to else 0)
        yield _entry("organisation", code, body.name, others, (code,), weight, because)
    for trust in register.providers.values():
        closed = register.facts.value(trust.code, "provider status") != "open"
        yield _entry("trust", trust.code, trust.name, (), (trust.code,), 2 + closed)


def _entry(
    kind: Kind,
    key: str,
    name: str,
    others: Iterable[tuple[str, ...]],
    codes: tuple[str, ...],
    weight: int,
    because: str = "",
) -> _Entry:
    return _Entry(kind, key, name, tuple(words_of(name)), tuple(others), codes, weight, "", because)

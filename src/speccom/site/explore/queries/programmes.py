"""The national programmes of care and their clinical reference groups, with their lines."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from speccom.register import Fact, Register, ServiceLine

_CODE = re.compile(r"\(?\b([A-F]\d\d)\b")


@dataclass(frozen=True, slots=True)
class Group:
    """A clinical reference group: name, the facts held of it (none for a name met only on lines), lines."""

    name: str
    code: str | None
    facts: tuple[Fact, ...]
    lines: tuple[ServiceLine, ...]


def slug(name: str) -> str:
    """A name as an address writes it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def programmes(register: Register) -> dict[str, list[ServiceLine]]:
    """Programme → its lines by name, as the service code list names them; programmes by name."""
    found: dict[str, list[ServiceLine]] = defaultdict(list)
    for line in register.lines.values():
        if line.programme:
            found[line.programme].append(line)
    return {name: sorted(found[name], key=lambda line: line.name) for name in sorted(found)}


def programme_by_slug(register: Register, wanted: str) -> str | None:
    """The programme that an address means."""
    return next((name for name in programmes(register) if slug(name) == wanted), None)


def groups_of(register: Register, programme: str) -> list[Group]:
    """The groups of a programme: those of the published lists, then those that only lines name; by name."""
    facts = register.facts.load("groups")
    lines: dict[str, list[ServiceLine]] = defaultdict(list)
    for line in programmes(register).get(programme, []):
        lines[facts.value(line.code, "clinical reference group") or ""].append(line)
    lines.pop("", None)
    found = []
    for subject, named in facts.of("name").items():
        if (
            facts.value(subject, "type") == "clinical reference group"
            and facts.value(subject, "programme") == programme
        ):
            code = facts.value(subject, "code")
            own = [words for words in lines if _same(words, named[0].value, code)]
            members = [line for words in own for line in lines.pop(words)]
            about = [
                each[0]
                for attribute in ("remit", "operating model")
                if (each := facts.about(subject, attribute))
            ]
            found.append(Group(named[0].value, code, (named[0], *about), tuple(members)))
    found += [Group(words, None, (), tuple(members)) for words, members in lines.items()]
    return sorted(found, key=lambda group: group.name)


def group_by_slug(register: Register, programme: str, wanted: str) -> Group | None:
    """The group of a programme that an address means."""
    return next((group for group in groups_of(register, programme) if slug(group.name) == wanted), None)


def _same(words: str, name: str, code: str | None) -> bool:
    """Whether a line's wording means this group: by its code in brackets, else by its name."""
    coded = _CODE.search(words)
    if coded and code:
        return coded[1] == code
    return words.lower() == name.lower()

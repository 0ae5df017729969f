"""Which organisations people can belong to: those of the register by code, and a few bodies of their own."""

from __future__ import annotations

from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.site.accounts.roles import COMMITTEE, ICB, KINDS, NATIONAL, PROVIDER, REGION, VOICE
from speccom.site.core.library import register, today

_KIND_OF_ROLE = {
    "integrated care board": ICB,
    "region": REGION,
    "national": NATIONAL,
    "joint committee": COMMITTEE,
}
OWN = {"PPV-": VOICE, "COM-": COMMITTEE}
"""How the codes of bodies begin that the register does not hold, and what they are: those of patients, and
committees of today (the register's joint committees ended in 2024 and 2025). None of its codes has a dash."""


class NoSuchOrganisation(SpeccomError):
    """A code at which nobody can hold a role."""

    code = "no_such_organisation"


def kind_of(code: str) -> str:
    """The kind of an organisation by its code. Raises `NoSuchOrganisation`."""
    held = register()
    if code[:4] in OWN:
        return OWN[code[:4]]
    found = held.organisations.get(code)
    if found and found.role in _KIND_OF_ROLE:
        if found.valid_to and found.valid_to <= today():
            raise NoSuchOrganisation(f"{found.name} ({code}) is no longer there: give its successor's code.")
        return _KIND_OF_ROLE[found.role]
    if code in held.providers:
        return PROVIDER
    raise NoSuchOrganisation(
        f"{code!r} is no organisation at which somebody can have a role: give the code of a board, region or "
        "trust, X24 for NHS England, or PPV- and a word for a patients' body, COM- and a word for a committee."
    )


def name_in(held: Register, code: str) -> str | None:
    """An organisation's name in the register, if it is there."""
    found = held.organisations.get(code) or held.providers.get(code)
    return found.name if found else None


def offered() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen: kind in words → code and name, of what is there today."""
    held, on = register(), today()
    grouped: dict[str, list[tuple[str, str]]] = {words: [] for words in KINDS.values()}
    for code, each in held.organisations.items():
        kind = _KIND_OF_ROLE.get(each.role)
        if kind and (each.valid_to is None or each.valid_to > on):
            grouped[KINDS[kind]].append((code, each.name))
    grouped[KINDS[PROVIDER]] = [(code, each.name) for code, each in held.providers.items()]
    return [(words, sorted(each, key=lambda pair: pair[1])) for words, each in grouped.items() if each]

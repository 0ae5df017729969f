"""Refusals of pages that name something which the register does not hold, with what is nearest by search."""

from __future__ import annotations

from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.site.core.pages import Link
from speccom.site.core.refusals import NotFound
from speccom.site.core.words import codes_in
from speccom.site.explore.forms import Question
from speccom.site.explore.presenters.search import found
from speccom.site.explore.presenters.shared import in_full
from speccom.site.explore.presenters.who import who_address
from speccom.site.explore.search import search


def refused(register: Register, asked: Question, error: SpeccomError) -> NotFound:
    """The refusal of a question, with the same question asked of what the refusal names instead."""
    near = []
    for code in codes_in(str(error)):
        if code in register.area_roles and code != asked.area:
            near.append(Link(in_full(register.organisations[code].name), who_address(asked, area=code)))
        elif code in register.lines and code != asked.line:
            near.append(Link(register.lines[code].name, who_address(asked, line=code)))
    return NotFound(str(error), tuple(near), code=error.code)


def no_demonstration() -> NotFound:
    return NotFound("No demonstration was run in this workspace: speccom run --demo makes one.")


def no_service(register: Register, ref: str) -> NotFound:
    return _not_found(register, f"{ref!r} is not the number of a prescribed service, such as 15.", ref)


def no_organisation(register: Register, code: str) -> NotFound:
    return _not_found(
        register, f"{code!r} is not the code of an organisation in the register, such as QNC.", code
    )


def no_programme(register: Register, name: str) -> NotFound:
    return _not_found(
        register, f"There is no programme of care or reference group at {name!r}.", name.replace("-", " ")
    )


def _not_found(register: Register, sentence: str, asked: str) -> NotFound:
    return NotFound(
        sentence, tuple(hit.link for hit in found(register, search(register, asked[:200], limit=5)))
    )

"""Words for the answer to who commissions: the sentence, Easy read, reasons, what was and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from speccom.register import Decision, Fact, Register
from speccom.register.explanation import RULES
from speccom.register.facts import ALWAYS
from speccom.site.core.library import practices
from speccom.site.core.pages import Cell, Link, Page, Table, table
from speccom.site.core.words import listed, long_date
from speccom.site.explore.content import rows
from speccom.site.explore.forms import Question
from speccom.site.explore.presenters.decisions import when
from speccom.site.explore.presenters.shared import ARRANGEMENTS, in_full, line_link, name_of, source_link
from speccom.site.explore.queries.meaning import Meant
from speccom.site.explore.queries.timeline import Spell, day_before
from speccom.site.explore.queries.who import Told

# arrangement → the sentence, with {line}, {board}, {hub}, {committee} and {area} in it
SENTENCES = {
    "national": "NHS England commissions {line} for people registered with a GP (family doctor) in {area}.",
    "joint": (
        "NHS England and {board} commission {line} together for people registered with a GP "
        "(family doctor) in {area}."
    ),
    "delegated": "{board} commissions {line} for people registered with a GP (family doctor) in {area}.",
    "retained": "NHS England commissions {line} for people registered with a GP (family doctor) in {area}.",
}
CONSEQUENCES = {
    "national": "Nothing is delegated here. {hub} acts and pays for NHS England, which is accountable.",
    "joint": (
        "The {committee} decides. {hub} pays and holds the contracts for NHS England, which stays "
        "accountable."
    ),
    "delegated": (
        "NHS England delegated it: the board decides, pays and holds the contracts. NHS England "
        "stays accountable for it."
    ),
    "retained": "NHS England has kept it. {hub} acts and pays for NHS England, which is accountable.",
}
EASY = {
    "national": (
        "NHS England is in charge of this service.",
        "NHS England decides what care there is.",
        "NHS England pays for it.",
    ),
    "joint": (
        "Two groups are in charge of this service together.",
        "One is NHS England. The other is {board}.",
        "They decide together what care there is.",
        "NHS England pays for it.",
    ),
    "delegated": (
        "{board} is in charge of this service.",
        "The board decides what care there is.",
        "The board pays for it.",
        "NHS England checks that the board does it well.",
    ),
    "retained": (
        "NHS England is in charge of this service.",
        "NHS England decides what care there is.",
        "NHS England pays for it.",
    ),
}
CONFIDENCE = {
    "stated": "Every fact behind this answer was read in the source named beside it.",
    "inferred": (
        "At least one fact behind this answer is not written in its source but follows from it: it is "
        "marked below."
    ),
    "recalled": (
        "At least one fact behind this answer has not been checked against a source yet: it is marked below."
    ),
}
MARKS = {
    "stated": "",
    "inferred": "Follows from the source, and is not written there.",
    "recalled": "Not yet checked against a source.",
}
CHANGEOVERS = (date(2022, 7, 1), date(2023, 4, 1), date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1))

RULE = {
    "national": "Until April 2023 NHS England decided on, paid for and contracted every specialised service.",
    "joint": (
        "When a service is on that list and its region has joint arrangements, the joint committee "
        "decides, and NHS England pays and holds the contracts."
    ),
    "delegated": (
        "When a service is on that list and its region has delegated arrangements, the board decides, "
        "pays and holds the contracts. NHS England stays accountable."
    ),
    "retained": "When a service is not on the list of those to be delegated, NHS England keeps it.",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """The form: what was asked, the areas to choose from, and the days to choose with one click."""

    line: str
    line_name: str
    area: str
    on: str
    known: str
    areas: tuple[tuple[Link, tuple[Link, ...]], ...]
    place: str = ""
    practices: bool = False
    days: tuple[Link, ...] = ()


# attribute → the reason in words, with {subject}, {value} and {code} in it
REASONS = {
    "in integrated care board": "{subject} is a part of the area of {value}.",
    "in region": "{subject} lies in the region of {value}.",
    "member of joint committee": "{subject} is a member of the {value}.",
    "hub of region": "The {subject} acts for NHS England in the region of {value}.",
}
REGIONS = {
    "national": "In the region of {subject}, NHS England commissions every specialised service itself.",
    "joint": "In the region of {subject}, NHS England and the boards decide together, in a joint committee.",
    "delegated": "In the region of {subject}, NHS England has delegated the suitable services to the boards.",
}
STATUS = {
    "GREEN": (
        "{subject} ({code}) is on the list of services that are suitable and ready to be delegated "
        "(marked green)."
    ),
    "AMBER": (
        "{subject} ({code}) is on the list of services that are suitable to be delegated and not ready "
        "yet (marked amber)."
    ),
    "RED": "{subject} ({code}) is on the list of services that NHS England keeps (marked red).",
    "BLUE": (
        "{subject} ({code}) is a top-up, a network or a hosted service, which NHS England keeps "
        "(marked blue)."
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of an explanation: its text, when it holds, who decided it, its source, what weakens it."""

    text: str
    when: str
    source: Link
    mark: str
    decided: Link | None = None


@dataclass(frozen=True, kw_only=True)
class AskPage(Page):
    """The form alone, or a choice between what the words may have meant."""

    ask: Ask
    asked_for: str = ""
    choices: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WhoPage(Page):
    """The whole answer."""

    ask: Ask
    line: Link
    area: Link
    when: str
    found_by: str
    sentence: str
    consequence: str
    caution: str
    easy: tuple[str, ...]
    reasons: tuple[Reason, ...]
    confidence: str
    before: str
    following: str
    planned: tuple[Reason, ...]
    cite: Link
    cite_words: str
    category: str


def ask_page(register: Register, asked: Question, choose: dict[str, list[str]]) -> AskPage:
    """The form, with what was said so far."""
    return AskPage(
        title="Who commissions a service?",
        lead=(
            "Choose a service, a place and a date. You get one sentence, then the reasons and their sources."
        ),
        ask=ask_form(register, asked, choose),
    )


def choice_page(
    register: Register, asked: Question, choose: dict[str, list[str]], line: Meant, area: Meant
) -> AskPage:
    """A choice of service lines, or else of areas, where words may mean several or none."""
    if line.unsettled:
        what, title = asked.line, "Which service line do you mean?"
        links = [Link(name, who_address(asked, line=code)) for code, name in line.choices.items()]
        nothing = "No service line is called that"
    else:
        what, title = asked.area, "Which area do you mean?"
        links = [Link(in_full(name), who_address(asked, area=code)) for code, name in area.choices.items()]
        nothing = "No area is called that on this date"
    return AskPage(
        title=title if links else nothing,
        asked_for=what,
        choices=tuple(links),
        ask=ask_form(register, asked, choose),
        status=200 if links else 404,
    )


def who_page(
    register: Register,
    asked: Question,
    told: Told,
    choose: dict[str, list[str]],
    today: date,
    site: str,
    found_by: str = "",
) -> WhoPage:
    """The answer. `site` begins citable links; `found_by` says how the area was found, if not by name."""
    answer = told.answer
    line = register.lines[answer.service_line]
    words = _words(register, told)
    citation = Question(answer.service_line, answer.area, answer.on, answer.known or today)
    address = site + who_address(citation)
    here, following = _place(told.spells, answer.on)
    return WhoPage(
        title=f"Who commissions {line.name}?",
        trail=(Link("Who commissions", reverse("who")), *_trail(register, line.service_ref)),
        ask=ask_form(register, asked, choose, told.spells, today),
        line=line_link(register, answer.service_line),
        area=Link(name_of(register, answer.area), reverse("organisation", args=[answer.area])),
        when=long_date(answer.on),
        found_by=found_by,
        sentence=f"On {long_date(answer.on)}, " + SENTENCES[answer.arrangement].format(**words),
        consequence=CONSEQUENCES[answer.arrangement].format(**words),
        caution=_caution(answer.on, answer.known, today),
        easy=_easy(answer.arrangement, words, answer.on, line.name),
        reasons=_reasons(register, told),
        confidence=CONFIDENCE[answer.confidence],
        before=_before(register, told.spells, here),
        following=_following(register, told.spells, following),
        planned=tuple(_plan(register, step) for step in told.explained["planned"]),
        cite=Link(address, address),
        cite_words=(
            f"{line.name} ({line.code}) in {answer.area} on {long_date(answer.on)}, as known on "
            f"{long_date(citation.known or today)}. Speccom, register {register.snapshot}."
        ),
        category=answer.service_category,
        tables=(_over_time(register, asked, told.spells),),
    )


# --- the parts


def _words(register: Register, told: Told) -> dict[str, str]:
    answer = told.answer
    board = name_of(register, answer.area_icb)
    boards_own = answer.arrangement in {"joint", "delegated"}
    area = (
        "the board's area"
        if answer.arrangement == "joint"
        else "its area"
        if boards_own
        else f"the area of {board}"
    )
    return {
        "line": f"{register.lines[answer.service_line].name} ({answer.service_line})",
        "board": board,
        "area": area if answer.area == answer.area_icb else f"{answer.area}, a part of {area}",
        "hub": f"The {name_of(register, answer.responsible_commissioner)}",
        "committee": name_of(register, answer.decision_maker),
    }


def _caution(on: date, known: date | None, today: date) -> str:
    said = []
    if known:
        said.append(f"This is the answer as far as was publicly known on {long_date(known)}.")
    if on > today:
        said.append(
            "This date lies ahead: the answer is what follows if nothing changes. See what is planned below."
        )
    return " ".join(said)


def _easy(arrangement: str, words: dict[str, str], on: date, line: str) -> tuple[str, ...]:
    said = [sentence.format(**words) for sentence in EASY[arrangement]]
    return (
        f"This page is about a health service. Its name is: {line}.",
        f"The date is {long_date(on)}.",
        *said,
    )


def _reasons(register: Register, told: Told) -> tuple[Reason, ...]:
    """The facts of the answer in words, in order, and the rule that joins them."""
    rule, (_, source) = RULE[told.answer.arrangement], RULES[told.answer.arrangement]
    facts = [_reason(register, fact, told.answer.known) for fact in told.answer.steps]
    return (*facts, Reason(rule, "", source_link(register.sources[source]), ""))


def _reason(register: Register, fact: Fact, known: date | None) -> Reason:
    words = {"arrangement": REGIONS, "delegation status": STATUS}.get(fact.attribute, REASONS)
    text = words[fact.value if words is not REASONS else fact.attribute].format(
        subject=_named(register, fact.subject), value=_named(register, fact.value), code=fact.subject
    )
    decision = register.decided_by(fact)
    return Reason(
        text,
        _held(fact.valid_from, fact.end_as_known(known)),
        source_link(register.sources[fact.source_id]),
        MARKS[fact.confidence],
        _decided(decision) if decision else None,
    )


def _decided(decision: Decision) -> Link:
    plain = {row["decision_id"]: row for row in rows("decisions")}.get(decision.decision_id)
    by, heading = (plain["by"], plain["heading"]) if plain else (decision.made_by, decision.decision)
    words = f"{by}, {when(decision.made_on)}: {heading[0].lower()}{heading[1:]}"
    return Link(words, f"{reverse('decisions')}#{decision.decision_id}")


def _plan(register: Register, step: dict[str, Any]) -> Reason:
    start = date.fromisoformat(step["valid_from"]) if step["valid_from"] else None
    source = source_link(register.sources[step["source_id"]])
    return Reason(step["text"], _held(start, None), source, MARKS[step["confidence"]])


def _held(start: date | None, end: date | None) -> str:
    if start is None or start == ALWAYS:
        return ""
    return f"From {long_date(start)} to {long_date(day_before(end))}." if end else f"From {long_date(start)}."


def _named(register: Register, code: str) -> str:
    line = register.lines.get(code)
    return line.name if line else name_of(register, code)


def _place(spells: list[Spell], on: date) -> tuple[int, int]:
    """Where in the spells a date lies, and the one after it (one past the last where there is none)."""
    here = max((index for index, spell in enumerate(spells) if spell.start <= on), default=0)
    return here, here + 1


def _before(register: Register, spells: list[Spell], here: int) -> str:
    if (
        here < len(spells)
        and spells[here].answer is not None
        and here > 0
        and spells[here - 1].answer is not None
    ):
        earlier = spells[here - 1]
        return f"Until {long_date(day_before(spells[here].start))}: {_said(register, earlier)}"
    if here < len(spells) and spells[here].answer is not None and spells[here].start > CHANGEOVERS[0]:
        return f"The area did not exist before {long_date(spells[here].start)}."
    return ""


def _following(register: Register, spells: list[Spell], following: int) -> str:
    if following >= len(spells):
        return "Nothing that is decided changes this answer later. Plans are listed below."
    spell = spells[following]
    if spell.answer is not None:
        return f"From {long_date(spell.start)}: {_said(register, spell)}"
    earlier = spells[following - 1].answer
    after = register.successors(earlier.area_icb, spell.start) if earlier else []
    if not after:
        return f"From {long_date(spell.start)} nobody commissions it here as a specialised service."
    names = listed([f"{name_of(register, code)} ({code})" for code in after])
    return f"From {long_date(spell.start)} the board is no more: {names} followed it. Ask for the new board."


def _said(register: Register, spell: Spell) -> str:
    assert spell.answer is not None
    who = {
        "national": "NHS England commissions it nationally.",
        "joint": "NHS England and the board commission it together.",
        "delegated": f"{name_of(register, spell.answer.responsible_commissioner)} commissions it.",
        "retained": "NHS England commissions it.",
    }
    return who[spell.answer.arrangement]


def _over_time(register: Register, asked: Question, spells: list[Spell]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for spell in spells:
        if spell.answer is None:
            continue
        address = who_address(
            asked, line=spell.answer.service_line, area=spell.answer.area, on=spell.start.isoformat()
        )
        until = long_date(day_before(spell.end)) if spell.end else "Today and on"
        rows.append(
            (
                Link(long_date(spell.start), address),
                until,
                ARRANGEMENTS[spell.answer.arrangement],
                name_of(register, spell.answer.decision_maker),
                name_of(register, spell.answer.responsible_commissioner),
            )
        )
    return table(
        "over-time",
        "The answer over time",
        ("From", "To", "Arrangement", "Who decides", "Who acts and pays"),
        rows,
    )


def ask_form(
    register: Register,
    asked: Question,
    choose: dict[str, list[str]],
    spells: list[Spell] | None = None,
    today: date | None = None,
) -> Ask:
    """The form for a question, what was said so far filled in; `spells` and `today` give days to choose."""
    held = register.lines.get(asked.line.upper())
    areas = tuple(
        (
            Link(register.organisations[board].name, board),
            tuple(Link(f"{code}, a part of it", code) for code in parts),
        )
        for board, parts in choose.items()
    )
    chosen = {area for board, parts in choose.items() for area in (board, *parts)}
    days = [spell.start for spell in spells or () if spell.answer]
    if today:
        days.append(today)
    return Ask(
        line=asked.line,
        line_name=held.name if held else "",
        area=asked.area.upper(),
        on=asked.on.isoformat(),
        known=asked.known.isoformat() if asked.known else "",
        areas=areas,
        place="" if asked.area.upper() in chosen else asked.area,
        practices=bool(practices().by_code),
        days=tuple(
            Link("today" if day == today else long_date(day), who_address(asked, on=day.isoformat()))
            for day in days
            if day != asked.on
        ),
    )


def who_address(asked: Question, **change: str) -> str:
    """The who page's address for a question, with parts of it changed."""
    parts = {
        "line": asked.line,
        "area": asked.area,
        "on": asked.on.isoformat(),
        "known": asked.known.isoformat() if asked.known else "",
    }
    return reverse("who", query={key: value for key, value in (parts | change).items() if value})


def _trail(register: Register, service: str | None) -> tuple[Link, ...]:
    if service is None:
        return ()
    return (Link(register.services[service].name, reverse("service", args=[service])),)

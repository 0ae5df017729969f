"""Why an answer is as it is: its facts in order, with dates, source and confidence, and in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from speccom.errors import SpeccomError
from speccom.period import long_date
from speccom.register.facts import ALWAYS, Fact
from speccom.register.model import Answer, Decision, Source

if TYPE_CHECKING:
    from speccom.register.register import Register

# What the colours of the code list are read as; the reading is inferred, and no step of an answer.
COLOURS = {
    "GREEN": "suitable and delegated",
    "AMBER": "suitable, not yet ready",
    "RED": "retained by NHS England",
    "BLUE": "infrastructure, such as a top-up, a network or a hosted service",
    "NOT APPLICABLE": "no specialised service",
}
ARRANGEMENTS = {
    "national": "commissions specialised services nationally, through its hub",
    "joint": "commissions the suitable services jointly with the region's integrated care boards",
    "delegated": "has delegated the suitable services to the region's integrated care boards",
}
# arrangement → (the rule in words, the source of the rule)
RULES = {
    "national": (
        "While a region's arrangement is national, NHS England decides, pays and contracts for every "
        "specialised service, and the region's commissioning hub acts for it.",
        "si-2012-2996",
    ),
    "joint": (
        "A suitable (GREEN) line in a region with joint arrangements is decided by the area's joint "
        "committee; NHS England keeps the budget and the contracts, and the region's commissioning hub acts "
        "for it.",
        "board-2023-02",
    ),
    "delegated": (
        "A suitable (GREEN) line in a region with delegated arrangements is decided, paid for and contracted "
        "by the integrated care board; NHS England stays accountable for it.",
        "board-2023-12",
    ),
    "retained": (
        "A line that is not GREEN on the date is retained: NHS England decides, pays and contracts, and the "
        "region's commissioning hub acts for it.",
        "board-2023-02",
    ),
}
SENTENCES = {
    "national": "NHS England commissions {line} for people registered with a GP in {area}.",
    "joint": "NHS England and {board} jointly commission {line} for people registered with a GP in {area}.",
    "delegated": "{board} commissions {line} for people registered with a GP in {area}.",
    "retained": "NHS England commissions {line} for people registered with a GP in {area}.",
}
CONSEQUENCES = {
    "national": "Nothing is delegated: {hub} ({responsible}) acts and pays for NHS England.",
    "joint": "The {committee} decides; {hub} ({responsible}) pays and holds the contracts for NHS England.",
    "delegated": "NHS England delegated it: the board ({responsible}) decides, pays and holds the contracts.",
    "retained": "It is retained, not delegated: {hub} ({responsible}) acts and pays for NHS England.",
}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"


def explain(register: Register, answer: Answer) -> dict[str, Any]:
    """An answer as JSON: its thirteen parts, `because` (steps in order), `planned`, and the `sources` named.

    Dates are ISO text, empty ones null; a step is text, valid_from, valid_to, source_id, confidence. The
    last step is the rule, whose own confidence does not weigh on the answer's.
    """
    because = list(_because(register, answer))
    planned = [_step(plan.value, plan, None) for plan in register.planned(answer.known)]
    cited = dict.fromkeys(step["source_id"] for step in (*because, *planned))
    parts = answer._asdict()
    del parts["steps"]
    parts |= {"on": answer.on.isoformat(), "known": answer.known and answer.known.isoformat()}
    return {
        **parts,
        "because": because,
        "planned": planned,
        "sources": [_source(register.sources[source_id]) for source_id in cited],
    }


def in_words(register: Register, answer: Answer) -> str:
    """An answer as a person reads it: the sentence, why, what was before, what is planned, the sources."""
    told = explain(register, answer)
    numbers = {source["source_id"]: number for number, source in enumerate(told["sources"], start=1)}
    lines = [*_opening(register, answer), "", "Why"]
    for mark, step in zip(_CIRCLED, told["because"], strict=False):
        lines.append(f"  {mark} {step['text']}")
        lines.append(f"     {_held(step)} [{numbers[step['source_id']]}]")
    before = previous(register, answer)
    if before:
        lines += ["", f"Before {before[0]}: {before[1]}"]
    if told["planned"]:
        lines += ["", "Planned, and not yet so"]
        lines += [f"  - {plan['text']} [{numbers[plan['source_id']]}]" for plan in told["planned"]]
    lines += ["", "Sources"]
    lines += [f"  [{numbers[source['source_id']]}] {_cited(source)}" for source in told["sources"]]
    return "\n".join(lines)


def previous(register: Register, answer: Answer) -> tuple[str, str] | None:
    """The last day on which the answer changed, and the sentence of what it was before; none if it never was.

    Each step back goes to the day before the latest of the facts in force began.
    """
    current = answer
    while True:
        began = max((step.valid_from for step in current.steps), default=ALWAYS)
        if began == ALWAYS:
            return None
        try:
            earlier = register.who_commissions(
                answer.service_line, answer.area, began - timedelta(days=1), answer.known
            )
        except SpeccomError:
            return None
        if (earlier.arrangement, earlier.responsible_commissioner) != (
            answer.arrangement,
            answer.responsible_commissioner,
        ):
            return long_date(began), f"{earlier.arrangement}. {_consequence(register, earlier)}"
        current = earlier


# --- steps


def _because(register: Register, answer: Answer) -> Iterator[dict[str, Any]]:
    for fact in answer.steps:
        text = _TEXTS[fact.attribute](register, fact)
        decision = register.decided_by(fact)
        if decision is None:
            yield _step(text, fact, answer.known)
        elif decision.source_id == fact.source_id:
            yield _step(f"{text} {_decided(decision)}", fact, answer.known)
        else:
            yield _step(text, fact, answer.known)
            yield _decision_step(decision)
    yield _rule_step(answer)


def _step(text: str, fact: Fact, known: date | None) -> dict[str, Any]:
    end = fact.end_as_known(known)
    return {
        "text": text,
        "valid_from": None if fact.valid_from == ALWAYS else fact.valid_from.isoformat(),
        "valid_to": end and end.isoformat(),
        "source_id": fact.source_id,
        "confidence": fact.confidence,
    }


def _decision_step(decision: Decision) -> dict[str, Any]:
    return {
        "text": _decided(decision),
        "valid_from": decision.made_on if len(decision.made_on) == len("2023-02-02") else None,
        "valid_to": None,
        "source_id": decision.source_id,
        "confidence": decision.confidence,
    }


def _rule_step(answer: Answer) -> dict[str, Any]:
    text, source = RULES[answer.arrangement]
    arrangement = next(fact for fact in answer.steps if fact.attribute == "arrangement")
    return _step(text, arrangement, answer.known) | {"source_id": source, "confidence": "stated"}


def _decided(decision: Decision) -> str:
    return f"Decision {decision.decision_id}, {decision.made_by}, {_made_on(decision)}: {decision.decision}."


def _made_on(decision: Decision) -> str:
    try:
        return long_date(date.fromisoformat(decision.made_on))
    except ValueError:  # the source gives a month, or says that the day is approximate
        return decision.made_on


def _status_text(register: Register, fact: Fact) -> str:
    line = register.lines[fact.subject]
    return f"{line.name} ({line.code}) is {fact.value} on the service code list: {COLOURS[fact.value]}."


def _arrangement_text(register: Register, fact: Fact) -> str:
    return f"In {_name(register, fact.subject)}, NHS England {ARRANGEMENTS[fact.value]}."


def _relation_text(words: str) -> Any:
    def text(register: Register, fact: Fact) -> str:
        child, parent = _name(register, fact.subject), _name(register, fact.value)
        return f"{child} ({fact.subject}) {words} {parent} ({fact.value})."

    return text


_TEXTS = {
    "delegation status": _status_text,
    "arrangement": _arrangement_text,
    "in integrated care board": _relation_text("lies in"),
    "in region": _relation_text("lies in the region of"),
    "member of joint committee": _relation_text("is a member of the"),
    "hub of region": _relation_text("is the commissioning hub of"),
}

# --- words


def _opening(register: Register, answer: Answer) -> list[str]:
    line = register.lines[answer.service_line]
    where = (
        "its area"
        if answer.arrangement == "delegated"
        else f"the area of {_board(register, answer.area_icb)}"
    )
    if answer.area != answer.area_icb:
        where += f" (sub-ICB location {answer.area})"
    sentence = SENTENCES[answer.arrangement].format(
        line=f"{line.name} ({line.code})", board=_board(register, answer.area_icb), area=where
    )
    return [
        f"On {long_date(answer.on)}, {sentence}",
        *([f"(As far as was known on {long_date(answer.known)}.)"] if answer.known else ()),
        f"{_consequence(register, answer)} NHS England ({answer.accountable_commissioner}) is accountable. "
        f"Service category {answer.service_category}. Confidence: {answer.confidence}.",
    ]


def _consequence(register: Register, answer: Answer) -> str:
    return CONSEQUENCES[answer.arrangement].format(
        hub=f"the {_name(register, answer.responsible_commissioner)}",
        responsible=answer.responsible_commissioner,
        committee=_name(register, answer.decision_maker),
    )


def _board(register: Register, code: str) -> str:
    return _name(register, code).replace(" ICB", " Integrated Care Board")


def _name(register: Register, code: str) -> str:
    return register.organisations[code].name


def _held(step: dict[str, Any]) -> str:
    start, end = (date.fromisoformat(step[key]) if step[key] else None for key in ("valid_from", "valid_to"))
    since = f"From {long_date(start)}" if start else "Undated"
    return f"{since}{f' up to {long_date(end)}' if end else ''}; {step['confidence']}."


def _source(source: Source) -> dict[str, str | None]:
    return {
        "source_id": source.source_id,
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published or None,
        "url": source.url or None,
        "note": source.note or None,
    }


def _cited(source: dict[str, str | None]) -> str:
    published = source["published"]
    day = long_date(date.fromisoformat(published)) if published else "undated"
    note = f" ({source['note']})" if source["note"] else ""
    return f"{source['title']}. {source['publisher']}, {day}. {source['url'] or ''}{note}".rstrip()

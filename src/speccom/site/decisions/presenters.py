"""Every word of the pages of decisions in the making."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from speccom.ledger.effect import Effect
from speccom.period import long_date, parse_date
from speccom.register import Register
from speccom.register.decided import Preview
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.organisations import name_in
from speccom.site.audit.models import Entry
from speccom.site.audit.presenters import when
from speccom.site.core import pages
from speccom.site.core.library import register
from speccom.site.core.pages import Cell, Link, Page, Table, Tag, table
from speccom.site.core.recommended import Recommendation
from speccom.site.core.words import count, listed
from speccom.site.decisions.forms import CHANGES
from speccom.site.decisions.models import Approval, DecisionRecord
from speccom.site.decisions.queries import Previewed
from speccom.site.decisions.states import ADOPTED, APPROVALS, DRAFT, MOVES, PROPOSED, STATES
from speccom.site.jobs.models import Job
from speccom.site.jobs.presenters import Shown, shown

FEWEST = 10
"""Of fewer patients than this, what moves is told without its people and money."""

FEW = 3
"""So many recommendations stand open on the list; more wait behind a click."""

_RECOMMENDED = {
    "delegated": "To be delegated",
    "joint": "To be commissioned jointly",
    "retained": "To stay with NHS England",
    "": "Of no arrangement yet",
}
_COLOURS = {
    "draft": "grey",
    "proposed": "blue",
    "adopting": "yellow",
    "adopted": "green",
    "withdrawn": "grey",
}
_PARTS = {
    "arrangement": "Arrangement",
    "decision_maker": "Who decides",
    "responsible_commissioner": "Responsible commissioner",
    "budget_holder": "Whose budget",
    "contract_holder": "Whose contracts",
    "service_category": "Service category",
}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with a reason: where it is sent, its words, and what it is bound to."""

    key: str
    address: str
    heading: str
    sentence: str
    button: str
    bound: tuple[tuple[str, str], ...]
    forward: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One change of a decision in words, and where it can be taken out."""

    sentence: str
    remove: str | None
    place: int


@dataclass(frozen=True, kw_only=True)
class ListPage(Page):
    """Decisions, and what is recommended to decide: a table for each arrangement, open where there are few."""

    links: tuple[Link, ...]
    recommended: tuple[Table, ...]
    few: bool
    empty: str


@dataclass(frozen=True, kw_only=True)
class RecordPage(Page):
    """One decision: what it says, what it would change, who approved, what can be done."""

    tag: Tag
    links: tuple[Link, ...]
    facts: tuple[tuple[str, Cell], ...]
    conditions: tuple[str, ...]
    changes: tuple[Said, ...]
    version: int
    kinds: tuple[Link, ...]
    effect: tuple[str, ...]
    refused: str
    waits: str
    acts: tuple[Act, ...]
    wrong: str
    wrong_at: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Whose money and people a decision would move; where that is being worked out, the work and nothing else."""

    work: Shown | None = None
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    synthetic: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is worth asking again."""
        return self.work is not None and not self.work.again


@dataclass(frozen=True, kw_only=True)
class EffectPage(Page):
    """What a decision would change, on each day, and, for who may see it, whose money and people it would move."""

    address: str
    sentences: tuple[str, ...]
    refused: str
    moved: Moved | None
    file: str


@dataclass(frozen=True, kw_only=True)
class FormPage(pages.FormPage):
    """A form, with what can be chosen beside it."""

    choices: Table | None = None


def list_page(
    actor: Actor,
    records: Iterable[DecisionRecord],
    counting: Mapping[int, int],
    recommended: Sequence[Recommendation],
) -> ListPage:
    held = list(records)
    drafts = actor.reach(MOVES["draft"].permission) != frozenset()
    tables = []
    if making := [each for each in held if each.state not in {ADOPTED, "withdrawn"}]:
        columns = ("Decision", "Title", "Decided by", "State", "Approvals", "Changed")
        tables.append(table("making", "In the making", columns, (_row(each, counting) for each in making)))
    if done := [each for each in held if each.state == ADOPTED]:
        tables.append(
            table(
                "adopted",
                "Adopted here",
                ("Decision", "Title", "Decided by", "Made on", "Known from"),
                (
                    (
                        _link(each),
                        each.title,
                        each.body,
                        long_date(each.made_on),
                        long_date(each.recorded_on) if each.recorded_on else "",
                    )
                    for each in done
                ),
            )
        )
    if given_up := [each for each in held if each.state == "withdrawn"]:
        rows = ((_link(each), each.title, _day(each.edited_at)) for each in given_up)
        tables.append(table("withdrawn", "Withdrawn", ("Decision", "Title", "Last changed"), rows))
    return ListPage(
        title="Decisions in the making",
        lead=(
            "A decision is drafted, shown with all that it would change, approved by two people who wrote none of "
            "it, and adopted. From then on it is part of the register."
        ),
        trail=(Link("Your workspace", reverse("workspace")),),
        links=(
            *((Link("Draft a decision", reverse("draft_decision")),) if drafts else ()),
            Link("Decisions of the register", reverse("decisions")),
        ),
        tables=tuple(tables),
        recommended=tuple(_recommended(recommended, drafts)),
        few=len(recommended) <= FEW,
        empty=""
        if tables or recommended
        else "There is no decision in the making, and nothing is recommended.",
    )


def _recommended(recommended: Sequence[Recommendation], drafts: bool) -> Iterator[Table]:
    """What is recommended, by its arrangement, each captioned with how many there are."""

    def row(each: Recommendation) -> tuple[Cell, ...]:
        way = reverse("draft_decision", query={"recommended": each.reference})
        return (
            Link(each.title, each.address),
            count(len(each.lines), "service line") if each.lines else "–",
            listed(list(each.areas)) or "–",
            each.arrangement or (f"{each.tier} tier" if each.tier else "–"),
            _day(each.settled),
            Link(f"Draft from {each.reference}", way) if drafts else each.reference,
        )

    columns = ("What", "Lines", "Areas", "How", "Settled", "Decision")
    for arrangement, words in _RECOMMENDED.items():
        if found := [each for each in recommended if each.arrangement == arrangement]:
            caption = f"{words}: {count(len(found), 'recommendation')}"
            yield table(f"recommended-{arrangement or 'other'}", caption, columns, map(row, found))


def _row(each: DecisionRecord, counting: Mapping[int, int]) -> tuple[Cell, ...]:
    return (
        _link(each),
        each.title,
        each.body,
        tag(each),
        f"{counting.get(each.pk, 0)} of {APPROVALS}",
        f"{_day(each.edited_at)}, {each.edited_by}",
    )


def tag(each: DecisionRecord) -> Tag:
    return Tag(STATES[each.state], _COLOURS[each.state])


def record_page(
    actor: Actor,
    record: DecisionRecord,
    approvals: Sequence[Approval],
    history: Sequence[Entry],
    previewed: Previewed | None,
    *,
    wrong: str = "",
    wrong_at: str = "",
) -> RecordPage:
    """`previewed` is None for a decision that is adopted or withdrawn."""
    held = register()
    counted = [each for each in approvals if each.counts(record, held.snapshot)]
    changes = _may(actor, record, "change")
    found = previewed.preview if previewed else None
    return RecordPage(
        title=record.title,
        lead=f"{record.reference}, {record.body}, {long_date(record.made_on)}.",
        trail=trail(),
        tag=tag(record),
        links=_links(actor, record, held),
        facts=tuple(_facts(record, held)),
        conditions=tuple(record.conditions),
        changes=tuple(_changes(record, held, removes=changes)),
        version=record.version,
        kinds=tuple(
            Link(words, f"{reverse('add_change', args=[record.pk])}?kind={kind}")
            for kind, words in CHANGES.items()
        )
        if changes
        else (),
        effect=tuple(in_short(found)) if found else (),
        refused=previewed.refused if previewed else "",
        waits=_waits(record, counted),
        acts=tuple(
            _acts(actor, record, counted, held.snapshot, refused=bool(previewed and previewed.refused))
        ),
        tables=tuple(_tables(record, approvals, history, held.snapshot)),
        wrong=wrong,
        wrong_at=wrong_at,
    )


def _links(actor: Actor, record: DecisionRecord, held: Register) -> tuple[Link, ...]:
    found = []
    if record.state in {DRAFT, PROPOSED}:
        found.append(Link("All that it would change", reverse("decision_effect", args=[record.pk])))
    if _may(actor, record, "change"):
        found.append(Link("Edit its words", reverse("edit_decision", args=[record.pk])))
    if record.state == ADOPTED:
        found.append(Link("In the register", f"{reverse('decisions')}#{record.reference}"))
        if actor.reaches(MOVES["draft"].permission, record.organisation):
            for how, words in (("amends", "Draft an amendment"), ("revokes", "Draft its revocation")):
                query = {how: record.reference}
                found.append(Link(words, reverse("draft_decision", query=query)))
    return tuple(found)


def _facts(record: DecisionRecord, held: Register) -> Iterator[tuple[str, Cell]]:
    yield "Decision of", name_in(held, record.organisation) or record.organisation
    yield "Minute", record.minute or "Not given"
    yield "Paper", Link(record.paper or record.url, record.url) if record.url else record.paper or "Not given"
    if record.scope:
        yield "For whom", record.scope
    if record.services:
        yield "For which services", record.services
    if record.recorded_on:
        yield "Known from", long_date(record.recorded_on)
    else:
        yield "Public since", long_date(record.public_on) if record.public_on else "The day of its adoption"
    for words, references in (("Amends", record.amends), ("Revokes", record.revokes)):
        for reference in references:
            yield words, _decision(held, reference)
    if record.state == ADOPTED:
        later = {"amends": "Amended by", "revokes": "Revoked by"}
        for how, reference in held.later_decisions(record.reference):
            yield later[how], _decision(held, reference)
    for each in record.recommended:
        yield "Recommended", Link(f"{each['reference']}: {each['title']}", each["address"])
    yield "Drafted by", f"{record.drafted_by.name}, {_day(record.drafted)}"
    if record.adopter and record.adopted:
        yield "Adopted by", f"{record.adopter.name}, {_day(record.adopted)}: {record.adoption_reason}"


def _decision(held: Register, reference: str) -> Link:
    known = held.decisions.get(reference)
    return Link(
        f"{reference}: {known.decision}" if known else f"{reference}, which the register does not hold",
        f"{reverse('decisions')}#{reference}" if known else None,
    )


def _changes(record: DecisionRecord, held: Register, *, removes: bool) -> Iterator[Said]:
    away = reverse("remove_change", args=[record.pk]) if removes else None
    for place, effect in enumerate(record.effects):
        yield Said(sentence_of(effect, held), away, place)


def _waits(record: DecisionRecord, counted: Sequence[Approval]) -> str:
    """What stands between a decision and its adoption."""
    if record.state == "draft":
        return "It is a draft: put it for approval when it says all that was decided."
    if record.state == PROPOSED:
        names = listed([each.person.name for each in counted])
        missing = APPROVALS - len(counted)
        if missing > 0:
            who = f"{names} approved it. " if names else ""
            return f"{who}It needs {count(missing, 'more approval' if names else 'approval')}."
        return f"{names} approved it: it can be adopted."
    if record.state == "adopting":
        return "It is being adopted: ask for this page again in a moment."
    return ""


def _acts(
    actor: Actor,
    record: DecisionRecord,
    counted: Sequence[Approval],
    snapshot: str,
    *,
    refused: bool,
) -> Iterator[Act]:
    bound = (
        ("version", str(record.version)),
        ("content_hash", record.content_hash),
        ("snapshot", snapshot),
    )

    def act(name: str, view: str, sentence: str, button: str) -> Act:
        address = reverse(view, args=[record.pk])
        forward = name not in {"send_back", "withdraw"}
        return Act(name, address, MOVES[name].words, sentence, button, bound, forward)

    own = actor.person.pk in record.writers
    given = actor.person.pk in {each.person_id for each in counted}
    if _may(actor, record, "propose") and not refused:
        yield act(
            "propose",
            "propose_decision",
            "Those who approve find it in their list. A change afterwards makes it a draft again.",
            "Put it for approval",
        )
    if _may(actor, record, "approve") and not (own or given or refused):
        yield act(
            "approve",
            "approve_decision",
            "You approve what this page says, with the register as it is now. Any change ends your approval.",
            "Approve it",
        )
    if _may(actor, record, "adopt") and len(counted) >= APPROVALS and not refused:
        yield act(
            "adopt",
            "adopt_decision",
            "It becomes part of the register at once, for good: a later decision can amend or revoke it.",
            "Adopt it into the register",
        )
    if _may(actor, record, "send_back"):
        yield act(
            "send_back", "send_back_decision", "It is a draft again, and its approvals end.", "Send it back"
        )
    if _may(actor, record, "withdraw"):
        yield act(
            "withdraw", "withdraw_decision", "It is given up for good, and stays on record.", "Withdraw it"
        )


def _may(actor: Actor, record: DecisionRecord, name: str) -> bool:
    move = MOVES[name]
    return record.state in move.from_ and actor.reaches(move.permission, record.organisation)


def _tables(
    record: DecisionRecord, approvals: Sequence[Approval], history: Sequence[Entry], snapshot: str
) -> Iterator[Table]:
    if approvals:
        rows = (
            (each.person.name, each.person.email, _day(each.at), _stands(each, record, snapshot))
            for each in approvals
        )
        yield table("approvals", "Approvals", ("Name", "E-mail", "On", "Now"), rows)
    if history:
        said = {name: move.words for name, move in MOVES.items()}
        told = (
            (
                when(each),
                said.get(each.action.rpartition(".")[2], each.action),
                each.actor,
                each.reason,
            )
            for each in history
        )
        yield table("history", "What was done", ("When", "What", "Who", "Reason"), told)


def _stands(each: Approval, record: DecisionRecord, snapshot: str) -> Cell:
    if record.state == ADOPTED and each.ended is None:
        return Tag("Counted", "green")
    if each.counts(record, snapshot):
        return Tag("Counts", "green")
    if each.ended is not None or each.content_hash != record.content_hash:
        return Tag("Ended: it was changed", "grey")
    return Tag("The register changed since", "yellow")


# --- what it would change


def effect_page(record: DecisionRecord, previewed: Previewed, moved: Effect | Job | None) -> EffectPage:
    """`moved` is what it would move, or the work that finds it out; none where the reader may not see that."""
    found = previewed.preview
    return EffectPage(
        title=f"What {record.reference} would change",
        lead=record.title,
        trail=(*trail(), Link(record.reference, reverse("decision_record", args=[record.pk]))),
        address=reverse("decision_effect", args=[record.pk]),
        sentences=tuple(in_short(found)) if found else (),
        refused=previewed.refused,
        moved=_moved(moved),
        file=reverse("decision_differences", args=[record.pk]) if found and found.answers.num_rows else "",
        tables=tuple(_effect_tables(found)) if found else (),
        sources=(f"Register {found.snapshot}",) if found else (),
    )


def _moved(moved: Effect | Job | None) -> Moved | None:
    if moved is None:
        return None
    if isinstance(moved, Job):
        return Moved(work=replace(shown(moved), about=Link(moved.about)))  # this is its page
    return Moved(
        sentences=tuple(_money(moved)),
        tables=tuple(_money_tables(moved)),
        notes=moved.scope,
        synthetic=moved.synthetic,
    )


def in_short(found: Preview) -> Iterator[str]:
    """What changes on each day, in a sentence a day."""
    rows = found.answers.group_by("on").aggregate([("line", "count_distinct"), ("area", "count_distinct")])
    by_day = {row["on"]: row for row in rows.to_pylist()}
    for day in found.days:
        row = by_day.get(day)
        if row is None:
            facts = count(
                len([each for each in found.facts if day in (each.valid_from, each.valid_to)]), "fact"
            )
            yield f"{long_date(day)}: no answer changes; {facts} of the register would."
            continue
        yield (
            f"{long_date(day)}: the answer changes for {count(row['line_count_distinct'], 'service line')} in "
            f"{count(row['area_count_distinct'], 'area')}."
        )
    if not found.days:
        yield "It is on record, and no answer changes."


def _effect_tables(found: Preview) -> Iterator[Table]:
    held, rows = register(), found.answers.to_pylist()
    if rows:
        yield _passed(rows)
        yield _by(rows, "line", "Service line", "By service line", held)
        yield _by(rows, "area", "Area", "By area", held)
        yield _differences(rows)
    yield table(
        "facts",
        "Facts that it would add",
        ("About", "What", "Value", "From", "Until"),
        (
            (
                each.subject,
                each.attribute,
                each.value,
                long_date(each.valid_from) if each.valid_from > date.min else "Not known",
                long_date(each.valid_to) if each.valid_to else "Open",
            )
            for each in found.facts
        ),
    )


def _passed(rows: list[dict[str, Any]]) -> Table:
    """On each day and of each part of an answer: from what, to what, of how many lines and areas."""
    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = (row["on"], row["part"], row["before"], row["after"])
        grouped.setdefault(key, []).append(row)
    held = register()
    parts = list(_PARTS)

    def order(key: tuple[Any, ...]) -> tuple[Any, ...]:
        return (key[0], parts.index(key[1]) if key[1] in parts else len(parts), -len(grouped[key]))

    told = (
        (
            long_date(key[0]),
            _PARTS.get(key[1], key[1].replace("_", " ")),
            _value(held, key[2]),
            _value(held, key[3]),
            len({row["line"] for row in grouped[key]}),
            len({row["area"] for row in grouped[key]}),
        )
        for key in sorted(grouped, key=order)
    )
    columns = ("On", "What", "From", "To", "Service lines", "Areas")
    return table("passed", "What passes from whom to whom", columns, told)


def _by(rows: list[dict[str, Any]], by: str, heading: str, caption: str, held: Register) -> Table:
    arrangements = [row for row in rows if row["part"] == "arrangement"] or rows
    grouped: dict[tuple[Any, ...], set[str]] = {}
    other = "area" if by == "line" else "line"
    for row in arrangements:
        key = (row[by], row["on"], row["before"], row["after"])
        grouped.setdefault(key, set()).add(row[other])
    columns = (heading, "Name", "On", "From", "To", "Areas" if by == "line" else "Service lines")
    names = {code: each.name for code, each in held.lines.items()} if by == "line" else {}
    told = (
        (
            key[0],
            names.get(key[0]) or name_in(held, key[0]) or "",
            long_date(key[1]),
            _value(held, key[2]),
            _value(held, key[3]),
            len(found),
        )
        for key, found in sorted(grouped.items())
    )
    return table(f"by-{by}", caption, columns, told)


def _differences(rows: list[dict[str, Any]]) -> Table:
    return table(
        "differences",
        "Every answer that would differ",
        ("On", "Service line", "Area", "What", "Before", "After"),
        (
            (
                row["on"].isoformat(),
                row["line"],
                row["area"],
                row["part"].replace("_", " "),
                row["before"],
                row["after"],
            )
            for row in rows
        ),
    )


def _money(moved: Effect) -> Iterator[str]:
    yield from moved.gaps
    for row in moved.totals.to_pylist():
        day = long_date(row["on"])
        if not row["records"]:
            yield f"{day}: no money passes from one commissioner to another."
        elif (row["patients"] or 0) < FEWEST:
            yield f"{day}: what moves is of fewer than {FEWEST} patients, so that its money is not told."
        else:
            yield (
                f"{day}: {_pounds(row['pounds'])} passes from one commissioner to another, of "
                f"{_rounded(row['patients'])} patients at {count(row['providers'], 'provider')}. "
                f"{count(row['contracts_begin'], 'contract')} of a provider with a commissioner would begin and "
                f"{row['contracts_end']:,} end."
            )


def _money_tables(moved: Effect) -> list[Table]:
    told = {row["on"] for row in moved.totals.to_pylist() if (row["patients"] or 0) >= FEWEST}
    rows = [
        (
            long_date(row["on"]),
            row["from_name"] or "Nobody",
            row["to_name"] or "Nobody",
            _pounds(row["pounds"]),
            _rounded(row["patients"]),
            row["service_lines"],
        )
        for row in sorted(moved.passages.to_pylist(), key=lambda row: (row["on"], -row["pounds"]))
        if row["on"] in told and (row["patients"] or 0) >= FEWEST
    ]
    columns = ("On", "From", "To", "A year", "Patients", "Service lines")
    caption = f"Whose money would pass to whom, of {FEWEST} patients or more"
    return [table("money", caption, columns, rows)] if rows else []


def _pounds(amount: Decimal) -> str:
    """To the nearest thousand."""
    thousands = (amount / 1000).quantize(Decimal(1), ROUND_HALF_UP)
    return f"£{thousands * 1000:,f}"


def _rounded(number: int) -> str:
    """To the nearest five."""
    return f"{5 * round(number / 5):,}"


def _value(held: Register, value: str) -> str:
    if not value:
        return "No answer"
    named = name_in(held, value)
    return f"{named} ({value})" if named else value


# --- a change in words

_ARRANGED = {
    "delegated": "delegated to the boards of",
    "joint": "commissioned jointly, by committee, in",
    "national": "commissioned by NHS England in",
}


def sentence_of(effect: Mapping[str, Any], held: Register) -> str:
    """One change of a decision as a sentence."""

    def named(word: str) -> str:
        return listed([f"{name_in(held, each) or 'new'} ({each})" for each in effect.get(word, ())])

    def one(word: str) -> str:
        code = str(effect.get(word, ""))
        return f"{name_in(held, code) or 'new'} ({code})"

    def lines() -> str:
        codes = list(effect.get("lines", ()))
        return f"{count(len(codes), 'service line')}: {listed(codes[:12])}{' and more' if len(codes) > 12 else ''}"

    day = _written(effect.get("from") or effect.get("on"))
    until = f" until {_written(effect['to'])}" if effect.get("to") else ""
    heirs = one("whole") if effect.get("whole") else named("parts")
    arrangement = _ARRANGED.get(str(effect.get("arrangement")), "")
    sentences = {
        "arrange": lambda: f"From {day} suitable services are {arrangement} {named('regions')}.",
        "status": lambda: (
            f"From {day}{until} {effect['status']} in the list of what is delegated, {lines()}."
        ),
        "form": lambda: f"From {day} there is a joint committee, {effect['name']} ({effect['committee']}).",
        "join": lambda: f"From {day} members of {one('committee')}: {named('boards')}.",
        "leave": lambda: f"From {day} no longer members of their joint committee: {named('boards')}.",
        "dissolve": lambda: f"From {day} {one('committee')} is no longer there.",
        "establish": lambda: (
            f"From {day} there is a board, {effect['name']} ({effect['board']}), in {one('region')}."
        ),
        "succeed": lambda: (
            f"On {day} {one('board')} ends and is followed {'in whole' if effect.get('whole') else 'in part'} by "
            f"{heirs}."
        ),
        "tier": lambda: f"From {day} planned on a footprint of the size “{effect['tier']}”, {lines()}.",
    }
    return sentences[str(effect["kind"])]()


# --- forms


def draft_page(form: Any, recommended: Sequence[Recommendation], notes: Sequence[str] = ()) -> FormPage:
    said = [f"Drafted from {each.reference}: {each.title}." for each in recommended]
    return FormPage(
        title="Draft a decision",
        lead="What a body decided, in its words. What changes for which lines and areas is added afterwards.",
        trail=trail(),
        form=form,
        button="Draft it",
        notes=(*said, *notes),
    )


def edit_page(record: DecisionRecord, form: Any, beside: Table | None = None) -> FormPage:
    return FormPage(
        title=f"Edit {record.reference}",
        lead=record.title,
        trail=_under(record),
        form=form,
        button="Save",
        notes=("Saving makes it a draft, and ends its approvals.",) if record.state == PROPOSED else (),
        beside=beside,
    )


def change_page(record: DecisionRecord, form: Any) -> FormPage:
    return FormPage(
        title=CHANGES[form.kind],
        lead=f"A change that {record.reference} makes.",
        trail=_under(record),
        form=form,
        button="Add it",
    )


def trail() -> tuple[Link, ...]:
    return (
        Link("Your workspace", reverse("workspace")),
        Link("Decisions in the making", reverse("decisions_kept")),
    )


def _under(record: DecisionRecord) -> tuple[Link, ...]:
    return (*trail(), Link(record.reference, reverse("decision_record", args=[record.pk])))


def _link(each: DecisionRecord) -> Link:
    return Link(each.reference, reverse("decision_record", args=[each.pk]))


def _day(at: Any) -> str:
    return long_date(timezone.localdate(at)) if at else ""


def _written(text: Any) -> str:
    return long_date(parse_date(str(text)))

"""Words for the pages about the register and the site, from coverage to accessibility."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from speccom.register import Register
from speccom.site.core.pages import Cell, Link, Page, table
from speccom.site.core.words import count, long_date
from speccom.site.explore.content import rows
from speccom.site.explore.presenters.services import ListPage
from speccom.site.explore.presenters.shared import (
    ARRANGEMENTS_EXPLAINED,
    CONFIDENCE,
    name_of,
    organisation_link,
    source_link,
)
from speccom.site.explore.queries.coverage import strongest_first
from speccom.site.explore.queries.neuroscience import Centre

FILES = {
    "service_lines": "Service lines: names, services, programmes, groups",
    "service_line_statuses": "Status of each service line, by year",
    "services": "Prescribed services",
    "statutory_services": "Schedule 4 of the regulations, as amended",
    "organisations": "Organisations",
    "relations": "Who belongs to whom",
    "successions": "Who followed whom",
    "delegations": "Arrangement of each region",
    "decisions": "Decisions",
    "planned": "Plans",
    "groups": "Programmes and clinical reference groups",
    "providers": "Providers and where they lie",
    "neuroscience_centres": "Neuroscience centres",
    "populations": "Population and need of each board (core services, not specialised)",
    "added": "Added in this workspace",
}
NOT_COVERED = (
    "anything before 1 April 2013, when NHS England began",
    "clinical commissioning groups, which boards replaced in July 2022",
    "who commissions for prisons, the armed forces and people from outside England",
    "what a service spends, or how many people it treats",
)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One topic: what each source says, and what Speccom makes of it."""

    topic: str
    claims: tuple[tuple[str, Link], ...]
    speccom_says: str


@dataclass(frozen=True, kw_only=True)
class DisagreementsPage(Page):
    """Every topic on which sources differ."""

    topics: tuple[Disagreement, ...]


@dataclass(frozen=True, kw_only=True)
class TextPage(Page):
    """Headed paragraphs and lists; a paragraph of several items is a list."""

    sections: tuple[tuple[str, tuple[str | tuple[str, ...], ...]], ...]
    links: tuple[Link, ...] = ()


def neuroscience_page(register: Register, centres: list[Centre], without: list[str], on: date) -> ListPage:
    """The adult neuroscience centres and the boards without one."""
    rows_of_centres: list[tuple[Cell, ...]] = [
        (
            Link(name_of(register, centre.provider), reverse("organisation", args=[centre.provider])),
            centre.place,
            organisation_link(register, centre.region),
            organisation_link(register, centre.board) if centre.board else "Its board was split",
        )
        for centre in centres
    ]
    source = source_link(register.sources[centres[0].fact.source_id])
    return ListPage(
        title="Neuroscience centres",
        lead=(
            f"{count(len(centres), 'hospital trust')} are adult neuroscience centres: they treat "
            "tumours, injuries and "
            f"diseases of the brain and spine. {count(len(without), 'integrated care board')} "
            "(ICBs) have none in their area, "
            "so their people travel."
        ),
        notes=(f"Centres as listed in: {source.text}. Boards as they are on {long_date(on)}.",),
        tables=(
            table(
                "centres",
                f"The {len(centres)} centres",
                ("Centre", "Place", "Region", "Board in whose area it lies"),
                rows_of_centres,
            ),
            table(
                "without",
                f"The {len(without)} boards without a centre",
                ("Board", "Code"),
                ((organisation_link(register, code), code) for code in without),
            ),
        ),
    )


def disagreements_page(register: Register) -> DisagreementsPage:
    """What sources disagree on, each side with its source."""
    claims: dict[str, list[tuple[str, Link]]] = defaultdict(list)
    for row in rows("claims"):
        source = (
            source_link(register.sources[row["source_id"]])
            if row["source_id"]
            else Link(row["title"], row["url"])
        )
        claims[row["topic"]].append((row["claim"], source))
    topics = tuple(
        Disagreement(row["topic"], tuple(claims[row["topic"]]), row["speccom_says"])
        for row in rows("disagreements")
    )
    return DisagreementsPage(
        title="Where sources disagree",
        lead=(
            "Published papers do not always agree. These are the places where it matters, with each "
            "source and what Speccom does."
        ),
        topics=topics,
        tables=(
            table(
                "claims",
                "What each source says",
                ("On what", "It says", "Source"),
                ((topic.topic, claim, source) for topic in topics for claim, source in topic.claims),
            ),
        ),
    )


def coverage_page(register: Register, counted: dict[str, Counter[str]]) -> TextPage:
    """What the register holds and how sure each part is."""
    words = strongest_first()
    rows_counted: list[tuple[Cell, ...]] = [
        (FILES[file], *(each[word] for word in words), each.total()) for file, each in counted.items()
    ]
    total = sum((each for each in counted.values()), Counter())
    rows_counted.append(("Everything", *(total[word] for word in words), total.total()))
    return TextPage(
        title="What is covered",
        lead=(
            f"The register holds {count(total.total(), 'fact')}. Each names its source and says how "
            "sure it is."
        ),
        sections=(
            (
                "How sure is a fact?",
                (
                    (
                        "Read in its source: the source says it.",
                        (
                            "Follows from its source: the source does not say it in so many words, and "
                            "it follows."
                        ),
                        "Not yet checked: it was remembered from a source that is not at hand.",
                    ),
                    "An answer is only as sure as the least sure fact behind it.",
                ),
            ),
            ("What is not covered", (NOT_COVERED,)),
        ),
        links=(
            Link("Where sources disagree", reverse("disagreements")),
            Link("Data and API", reverse("data")),
        ),
        tables=(
            table(
                "coverage",
                "Facts by how sure they are, counted now",
                ("Part", *(CONFIDENCE[word] for word in words), "Together"),
                rows_counted,
            ),
        ),
    )


def data_page(register: Register) -> TextPage:
    """What can be taken away, and on what terms."""
    sources = table(
        "sources",
        "Every source",
        ("Source", "Publisher", "Published"),
        (
            (source_link(source), source.publisher, source.published or "Undated")
            for source in sorted(register.sources.values(), key=lambda each: each.title)
        ),
    )
    return TextPage(
        title="Data and API",
        lead="Everything that these pages show can be used, checked and built on.",
        sections=(
            (
                "Cite it",
                (
                    (
                        "Each answer has a link that stays true: it carries the date asked about and "
                        "the date up to which facts were known."
                    ),
                    f"This register is {register.snapshot}. The number changes whenever any fact does.",
                ),
            ),
            (
                "From a program",
                (
                    "Every page with data names an address that tells programs the same, at its foot. All of "
                    "them are described for machines in OpenAPI, below, and need no key.",
                    "Under every table are its files, for a spreadsheet (XLSX) or as CSV. Each says what was "
                    "asked, when, from which sources, and which register answered.",
                    "What changes is also told as a feed (Atom), for readers of news and for programs.",
                ),
            ),
            (
                "On your own computer",
                (
                    (
                        "Speccom is open source (MIT licence). It answers the same questions from a "
                        "command line: speccom who NCBPS11B QNC --on 2025-04-01."
                    ),
                    "The register is a folder of CSV files inside it, each fact with its source.",
                ),
            ),
        ),
        links=(
            Link("The API, described for machines", reverse("api:openapi-json")),
            Link("The feed of changes", reverse("feed")),
        ),
        tables=(sources,),
    )


def about_page() -> TextPage:
    """What Speccom is, and the words it uses."""
    return TextPage(
        title="About Speccom",
        lead=(
            "Speccom is an open system that says who commissions each specialised health service in "
            "England, since when, and by whose decision."
        ),
        sections=(
            (
                "Why it exists",
                (
                    (
                        "Until 2023 one national body, NHS England, commissioned every specialised "
                        "service. Since then some services have passed to integrated care boards "
                        "(ICBs), region by region, and the boards themselves changed in April 2026. It "
                        "became hard to say who is responsible."
                    ),
                ),
            ),
            ("The four arrangements", (tuple(f"{name}: {words}" for name, words in ARRANGEMENTS_EXPLAINED),)),
            (
                "How an answer is made",
                (
                    (
                        "Each fact has the dates between which it holds, the date on which it became "
                        "public, a source, and a word for how sure it is. A few rules join the facts. "
                        "Every answer lists them, so that you can check it."
                    ),
                ),
            ),
            (
                "What it is not",
                (
                    (
                        "Speccom is independent. It is not a service of the NHS, and it does not give "
                        "medical advice. To find care, ask your GP or see the NHS website."
                    ),
                ),
            ),
        ),
        links=(
            Link("What is covered", reverse("coverage")),
            Link("Where sources disagree", reverse("disagreements")),
        ),
    )


def accessibility_page() -> TextPage:
    """The accessibility statement."""
    return TextPage(
        title="Accessibility",
        lead="This site is meant for everybody, also for people who are not at ease with data.",
        sections=(
            (
                "What you can do",
                (
                    (
                        "use every page with a keyboard only",
                        "use every page with a screen reader",
                        "enlarge the text to four times its size without losing any",
                        "use every page without JavaScript, and print it",
                        "read the main answer in Easy read: short sentences with one idea each",
                    ),
                ),
            ),
            (
                "How accessible it is",
                (
                    (
                        "The site aims to meet the Web Content Accessibility Guidelines (WCAG), "
                        "version 2.2, level AA. Each page is tested by a program for faults whenever "
                        "the site changes. It has not yet been audited by people outside the project."
                    ),
                ),
            ),
            (
                "What may be hard",
                (
                    (
                        (
                            "Names of services and the records of decisions are quoted from their "
                            "sources, which use difficult words."
                        ),
                        (
                            "Links to sources lead to papers of others, some of them PDF files that "
                            "are not accessible."
                        ),
                    ),
                ),
            ),
            (
                "If something does not work",
                ("Tell whoever runs this copy of Speccom, or raise an issue with the project.",),
            ),
        ),
    )

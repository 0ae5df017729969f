"""The roles, each describing itself: its name, at which organisations it is held, and what it may."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

ICB, REGION, NATIONAL, COMMITTEE, PROVIDER, VOICE = (
    "icb",
    "region",
    "national",
    "committee",
    "provider",
    "patient_and_public_voice",
)
KINDS = {
    ICB: "integrated care board",
    REGION: "region of NHS England",
    NATIONAL: "NHS England",
    COMMITTEE: "joint committee",
    PROVIDER: "provider",
    VOICE: "patient and public voice body",
}
"""Kind of organisation → its words."""


KEEPS_SCENARIOS = "keep scenarios for everybody to see"


class Role:
    """What somebody is at one organisation. `may` says it in words, `permissions` to the program."""

    key: ClassVar[str]
    name: ClassVar[str]
    at: ClassVar[tuple[str, ...]]
    may: ClassVar[tuple[str, ...]]
    permissions: ClassVar[frozenset[str]]
    sees: ClassVar[str]


Held: TypeAlias = type[Role]


class Provider(Role):
    """Works for a provider."""

    key, name, at = "provider", "Provider", (PROVIDER,)
    may = ("read its own receipts, findings and challenges, as counts and row numbers",)
    sees = "its own organisation"
    permissions = frozenset({"receipts.read_own", "challenges.read_own"})


class BoardAnalyst(Role):
    """Analyses for an integrated care board."""

    key, name, at = "icb_analyst", "ICB analyst", (ICB,)
    may = ("read its board's own data and its footprint's", KEEPS_SCENARIOS)
    sees = "its board"
    permissions = frozenset({"data.read", "scenarios.keep"})


class BoardLead(Role):
    """Leads specialised commissioning at an integrated care board."""

    key, name, at = "icb_lead", "ICB lead", (ICB,)
    may = (
        "read its board's own data and its footprint's",
        "assess and sign for its board",
        KEEPS_SCENARIOS,
        "read what was done at its board",
    )
    sees = "its board"
    permissions = frozenset({"data.read", "scenarios.keep", "assess", "sign", "audit.read"})


class CommitteeSecretary(Role):
    """Keeps the papers of a joint committee."""

    key, name, at = "committee_secretary", "Committee secretary", (COMMITTEE,)
    may = (
        "keep the meetings, papers and minutes of its committee",
        "draft decisions of its committee",
    )
    sees = "its committee"
    permissions = frozenset({"papers.read", "papers.keep", "decisions.draft"})


class RegionalTeam(Role):
    """Works in a regional team of NHS England."""

    key, name, at = "regional_team", "Regional team", (REGION,)
    may = (
        "read the data of its region",
        "assess, support and escalate in its region",
        KEEPS_SCENARIOS,
        "read what was done in its region",
    )
    sees = "its region, with the boards and providers in it"
    permissions = frozenset({"data.read", "scenarios.keep", "assess", "support", "escalate", "audit.read"})


class NationalTeam(Role):
    """Works in the national team of NHS England."""

    key, name, at = "national_team", "National team", (NATIONAL,)
    may = (
        "read all aggregate data",
        "keep the portfolio, moderation, standards and oversight",
        "approve decisions that others drafted",
        KEEPS_SCENARIOS,
        "read everything that was done",
    )
    sees = "everything, as aggregates"
    permissions = frozenset(
        {
            "data.read",
            "scenarios.keep",
            "portfolio.keep",
            "moderate",
            "standards.keep",
            "oversee",
            "papers.read",
            "decisions.approve",
            "audit.read",
        }
    )


class PanelMember(Role):
    """Judges service lines in reviews of the portfolio."""

    key, name, at = "panel_member", "Panel member", (NATIONAL,)
    may = (
        "judge service lines in portfolio reviews, by themselves and with reasons",
        "read others' judgements of what they have judged, and all once they are disclosed",
    )
    sees = "portfolio reviews"
    permissions = frozenset({"portfolio.judge"})


class BoardSecretary(Role):
    """Keeps the decisions of NHS England's Board."""

    key, name, at = "board_secretary", "Board secretary", (NATIONAL,)
    may = (
        "draft decisions and see what each would change",
        "approve decisions that others drafted",
        "adopt what two others approved, into the register",
        "read what is recommended of service lines and systems",
        "read what was done about decisions",
    )
    sees = "every decision in the making"
    permissions = frozenset(
        {"decisions.draft", "decisions.approve", "decisions.adopt", "audit.read_decisions"}
    )


class VoicePartner(Role):
    """Speaks for patients and the public in the groups that they sit on."""

    key, name, at = "voice_partner", "Patient and public voice partner", (VOICE,)
    may = ("read the papers of the groups that they sit on",)
    sees = "the groups of its body"
    permissions = frozenset({"papers.read"})


class Administrator(Role):
    """Looks after people and roles, and sees no data."""

    key, name = "administrator", "Administrator"
    at = (NATIONAL, REGION, ICB, COMMITTEE, PROVIDER, VOICE)
    may = (
        "invite people and give and end roles, its own excepted",
        "help people who cannot sign in",
        "read what was done about people and roles",
        "never see data",
    )
    sees = "its own organisation's people; at NHS England, everybody"
    permissions = frozenset({"people.keep", "audit.read_people"})


ROLES: dict[str, Held] = {
    role.key: role
    for role in (
        Provider,
        BoardAnalyst,
        BoardLead,
        CommitteeSecretary,
        RegionalTeam,
        NationalTeam,
        PanelMember,
        BoardSecretary,
        VoicePartner,
        Administrator,
    )
}
"""Key → role, in the order in which they are shown."""

PUBLIC_MAY = (
    "read the register's pages, insight and finance with small numbers protected, without signing in",
)
"""What everybody may, without a role."""

SCOPES = {"me": "read who the token belongs to, and their roles"}
"""What a program's token may be for → in words. A token gives no more than its person has."""

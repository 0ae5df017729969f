"""The shipped content says what the gathered facts say, value for value, with source and confidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.register.worlds import day, rows

from speccom.register import Register
from speccom.register.facts import Fact, in_force, shipped_files

REGISTER = Register.load()
FACTS = REGISTER.facts.load(*shipped_files())


def held(subject: str, attribute: str, value: str, on: date = date(2030, 1, 1)) -> Fact:
    """The one fact of a subject that says this; a test's failure names what is missing."""
    found = [fact for fact in FACTS.about(subject, attribute) if fact.value == value]
    assert found, f"{subject} {attribute} is not {value!r}"
    return next((fact for fact in found if fact.valid_from <= on), found[0])


def test_every_source_is_kept_with_its_title_publisher_date_and_link(shared: Path) -> None:
    for row in rows(shared / "facts/sources.csv"):
        source = REGISTER.sources[row["source_id"]]
        assert {name: getattr(source, name) for name in row} == row


def test_every_line_is_kept_with_its_kind_group_and_confidence(shared: Path) -> None:
    lines = rows(shared / "facts/service_lines.csv")
    assert len(lines) == len(REGISTER.lines) == 514
    columns = {
        "name": ("name", None),
        "grouping": ("grouping", None),
        "kind": ("kind", None),
        "service_ref": ("service", "service_ref_confidence"),
        "programme": ("programme", "programme_confidence"),
        "clinical_reference_group": ("clinical reference group", "crg_confidence"),
        "highly_specialised": ("highly specialised", "highly_specialised_confidence"),
    }
    for row in lines:
        for column, (attribute, confidence) in columns.items():
            if row[column]:
                fact = held(row["code"], attribute, row[column])
                assert fact.source_id == row["source_id"]
                assert fact.confidence == (row[confidence] if confidence else "stated")
            else:
                assert not FACTS.about(row["code"], attribute)


@pytest.mark.parametrize(
    ("on", "column", "recorded", "confidence"),
    [
        ("2023-04-01", "status_2024_25", "2023-02-02", "inferred"),
        ("2024-03-31", "status_2024_25", "2023-02-02", "inferred"),
        ("2024-04-01", "status_2024_25", "2023-02-02", "stated"),
        ("2025-03-31", "status_2024_25", "2023-02-02", "stated"),
        ("2025-04-01", "status_2025_26", "2024-12-05", "stated"),
        ("2026-03-31", "status_2025_26", "2024-12-05", "stated"),
        ("2026-04-01", "status_2026_27", "2026-05-18", "stated"),
    ],
)
def test_every_status_holds_in_its_year_and_was_known_from_its_decision(
    shared: Path, on: str, column: str, recorded: str, confidence: str
) -> None:
    for row in rows(shared / "facts/service_lines.csv"):
        fact = in_force(FACTS.about(row["code"], "delegation status"), day(on))
        assert fact is not None
        assert (fact.value, fact.recorded_on, fact.confidence) == (row[column], day(recorded), confidence)


def test_every_organisation_is_kept_with_its_dates(shared: Path) -> None:
    organisations = rows(shared / "facts/organisations.csv")
    assert len(organisations) == len(REGISTER.organisations)
    for row in organisations:
        organisation = REGISTER.organisations[row["code"]]
        assert (organisation.name, organisation.role) == (row["name"], row["role"])
        fact = held(row["code"], "role", row["role"])
        assert fact.valid_from == day(row["valid_from"])
        assert fact.valid_to == (day(row["valid_to"]) if row["valid_to"] else None)
        assert (fact.source_id, fact.confidence) == (row["source_id"], row["confidence"])
        for column, on in (("ons_code", date(2026, 3, 31)), ("ons_code_2026", date(2026, 4, 1))):
            code = in_force(FACTS.about(row["code"], "ONS code"), on)
            assert (code.value if code else "") == row[column]


def test_every_relation_is_kept_with_its_dates(shared: Path) -> None:
    for row in rows(shared / "facts/relations.csv"):
        fact = held(row["child"], row["relation"], row["parent"])
        assert fact.valid_from == day(row["valid_from"])
        assert fact.valid_to == (day(row["valid_to"]) if row["valid_to"] else None)
        assert (fact.source_id, fact.confidence) == (row["source_id"], row["confidence"])


def test_what_changes_in_april_2026_was_known_from_september_2025() -> None:
    for attribute in ("role", "in region", "in integrated care board"):
        for facts in FACTS.of(attribute).values():
            for fact in facts:
                if fact.valid_from == date(2026, 4, 1):
                    assert fact.recorded_on == date(2025, 9, 9)
                if fact.valid_to == date(2026, 4, 1):
                    assert fact.ended_recorded_on == date(2025, 9, 9)


def test_every_succession_is_kept(shared: Path) -> None:
    for row in rows(shared / "facts/successions.csv"):
        fact = held(row["predecessor"], f"succeeded in {row['extent']} by", row["successor"])
        assert (fact.valid_from, fact.source_id) == (day(row["on"]), row["source_id"])


def test_every_arrangement_is_kept_and_known_from_the_day_it_was_decided(shared: Path) -> None:
    delegations = rows(shared / "facts/delegations.csv")
    for row in delegations:
        fact = held(row["region"], "arrangement", row["arrangement"])
        assert fact.valid_from == day(row["valid_from"])
        assert fact.valid_to == (day(row["valid_to"]) if row["valid_to"] else None)
        assert (fact.recorded_on, fact.source_id) == (day(row["decided_on"]), row["source_id"])
        next_decided = [
            day(other["decided_on"])
            for other in delegations
            if other["region"] == row["region"] and other["valid_from"] == row["valid_to"]
        ]
        assert fact.ended_recorded_on == (next_decided[0] if next_decided else fact.recorded_on)


def test_every_decision_is_kept_in_its_own_words_and_precision_of_date(shared: Path) -> None:
    decisions = rows(shared / "facts/decisions.csv")
    assert len(decisions) == len(REGISTER.decisions)
    for row in decisions:
        kept = REGISTER.decisions[row["decision_id"]]
        assert (kept.made_on, kept.made_by, kept.decision) == (row["made_on"], row["body"], row["decision"])
        assert (kept.scope, kept.services) == (row["scope"], row["services"])
        if row["confidence"] in ("stated", "inferred", "recalled"):
            assert kept.confidence == row["confidence"]
        else:
            held(row["decision_id"], "note on confidence", row["confidence"])
        cited = [kept.source_id, *(fact.value for fact in FACTS.about(row["decision_id"], "also in"))]
        links = {REGISTER.sources[source].url.rstrip("/") for source in cited}
        for link in filter(None, (each.replace("(refers)", "").strip() for each in row["url"].split(" ; "))):
            assert link.rstrip("/") in links


def test_every_group_is_kept_and_what_is_recalled_stays_recalled(shared: Path) -> None:
    groups = rows(shared / "facts/groups.csv")
    for row in groups:
        subject = f"group {row['code'] or row['name']}"
        for column, attribute in (
            ("name", "name"),
            ("type", "type"),
            ("programme", "programme"),
            ("operating_model", "operating model"),
            ("role", "remit"),
        ):
            if row[column]:
                assert held(subject, attribute, row[column]).confidence == row["confidence"]
    assert len({row["code"] or row["name"] for row in groups}) == len(groups)


def test_every_provider_is_kept_where_it_is(shared: Path) -> None:
    providers = rows(shared / "facts/providers.csv")
    assert len(providers) == len(REGISTER.providers)
    for row in providers:
        provider = REGISTER.providers[row["code"]]
        assert (provider.name, provider.region or "", provider.host_icb or "") == (
            row["name"],
            row["region"],
            row["host_icb"],
        )
        assert (provider.longitude, provider.latitude) == (float(row["longitude"]), float(row["latitude"]))
        assert held(row["code"], "provider status", row["status"]).confidence == row["confidence"].split()[0]


def test_every_neuroscience_centre_is_kept(shared: Path) -> None:
    centres = rows(shared / "facts/neuroscience_centres.csv")
    assert len(centres) == len(FACTS.of("neuroscience centre")) == 24
    for row in centres:
        held(row["provider"], "neuroscience centre", row["name"])
        held(row["provider"], "neuroscience centre place", row["place"])
        assert REGISTER.providers[row["provider"]].region == row["region"]


@pytest.mark.parametrize("year", ["2024_25", "2025_26"])
def test_populations_and_need_are_kept_and_inferred(shared: Path, year: str) -> None:
    areas = rows(shared / f"facts/icb_weighted_population_{year}.csv")
    assert len(areas) == 43
    for row in areas:
        icb, start = row["icb_ods_code"], date(int(year[:4]), 4, 1)
        assert REGISTER.population(icb, row["year"]) == Decimal(row["projected_population"])
        assert REGISTER.need_index(icb, row["year"]) == Decimal(row["need_index_core_overall"])
        for column, value in row.items():
            attribute = column.replace("wp_", "weighted population ").replace("_", " ")
            if column.startswith(("wp_", "need_index_", "target_share")):
                fact = in_force(FACTS.about(icb, attribute), start)
                assert fact is not None and (fact.value, fact.confidence) == (value, "inferred")


def test_every_prescribed_service_is_kept(shared: Path) -> None:
    services = rows(shared / "facts/services.csv")
    assert len(services) == len(REGISTER.services) == 157
    for row in services:
        assert REGISTER.services[row["service_ref"]].name == row["name"]
        assert held(f"service {row['service_ref']}", "name", row["name"]).confidence == row["name_confidence"]
        if row["statutory_name"]:
            held(f"service {row['service_ref']}", "statutory name", row["statutory_name"])


def test_every_service_of_the_schedule_is_kept_as_amended(shared: Path) -> None:
    today = REGISTER.statutory_services(date(2026, 11, 1))
    for row in rows(shared / "facts/statutory_services.csv"):
        assert today.get(row["si_paragraph"], "") == row["wording_as_amended"]
        held(f"Schedule 4 paragraph {row['si_paragraph']}", "manual number", row["manual_number"])


@pytest.mark.parametrize(
    ("on", "services"),
    [
        ("2013-03-31", 0),
        ("2013-04-01", 143),
        ("2015-03-31", 143),
        ("2015-04-01", 146),
        ("2016-03-31", 146),
        ("2016-04-01", 148),
        ("2020-03-31", 151),
        ("2020-04-01", 154),
    ],
)
def test_the_schedule_grew_by_amendment(on: str, services: int) -> None:
    assert len(REGISTER.statutory_services(day(on))) == services


def test_paragraph_76_was_reused_after_a_year_empty() -> None:
    wording = {
        on: REGISTER.statutory_services(day(on)).get("76")
        for on in ("2015-03-31", "2015-04-01", "2016-04-01")
    }
    assert list(wording.values()) == [
        "Middle ear implantable hearing aid services",
        None,
        "Mitochondrial donation service",
    ]


def test_earlier_wordings_hold_up_to_the_amendment() -> None:
    assert REGISTER.statutory_services(date(2015, 3, 31))["31"] == "Bone anchored hearing aid services"
    assert REGISTER.statutory_services(date(2015, 4, 1))["31"] == "Bone conduction hearing implant services"


def test_green_lines_make_59_services_and_then_70() -> None:
    for on, services in ((date(2024, 4, 1), 59), (date(2025, 4, 1), 70), (date(2026, 4, 1), 70)):
        green = [line for line in REGISTER.lines.values() if REGISTER.line_status(line.code, on) == "GREEN"]
        assert len({line.service_ref for line in green}) == services

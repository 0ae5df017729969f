"""The API says what the command says, is cached by the register, and is open to every site."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from speccom.cli import main
from speccom.site.core.library import register, today

DIALYSIS, STAFFORDSHIRE = "NCBPS11B", "QNC"
ASKED = f"line={DIALYSIS}&area={STAFFORDSHIRE}"
EVERY = [
    f"who?{ASKED}&on=2024-05-01",
    "services",
    "services/15",
    "lines",
    "lines/NCBPS11B",
    "organisations",
    "organisations/QNC",
    "decisions",
    "sources",
    "changes?from=2026-03-31&to=2026-04-01",
    "matrix?on=2024-05-01",
    "search?q=dialysis",
]


def text(response: Any) -> str:
    """The whole content, streamed or not."""
    return bytes(response.getvalue()).decode()


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command prints."""
    with pytest.raises(SystemExit):
        main(list(command))
    return capsys.readouterr().out


def test_a_line_has_the_status_that_was_known(client: Client) -> None:
    asked = {"on": "2024-05-01", "known": "2022-01-01"}
    assert client.get(f"/api/v1/lines/{DIALYSIS}", {"on": asked["on"]}).json()["status"] == "GREEN"
    answer = client.get(f"/api/v1/lines/{DIALYSIS}", asked).json()
    assert (answer["status"], answer["on"], answer["known"]) == (None, *asked.values())


# --- the same as the command


@pytest.mark.parametrize(
    "asked",
    [
        (DIALYSIS, STAFFORDSHIRE, "2024-03-31", None),
        (DIALYSIS, STAFFORDSHIRE, "2024-04-01", None),
        (DIALYSIS, STAFFORDSHIRE, "2024-05-01", "2023-06-01"),
        ("ncbps22p", "05w", "2026-05-01", None),
    ],
)
def test_who_is_what_the_command_prints_byte_for_byte(
    client: Client, capsys: pytest.CaptureFixture[str], asked: tuple[str, str, str, str | None]
) -> None:
    line, area, on, known = asked
    command = ["who", line, area, "--on", on, "--format", "json", *(["--known", known] if known else [])]
    address = f"/api/v1/who?line={line}&area={area}&on={on}{f'&known={known}' if known else ''}"
    assert text(client.get(address)) == said(capsys, *command)


def test_changes_are_what_the_command_lists(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    span = ("2026-03-31", "2026-04-01")
    listed = said(capsys, "changes", "--from", span[0], "--to", span[1], "--format", "json")
    told = text(client.get(f"/api/v1/changes?from={span[0]}&to={span[1]}"))
    assert json.loads(told) == json.loads(listed)


def test_the_matrix_is_the_library_s(client: Client) -> None:
    table = register().matrix(date(2024, 5, 1))
    told = json.loads(text(client.get("/api/v1/matrix?on=2024-05-01")))
    assert told == [row | {"on": "2024-05-01"} for row in table.to_pylist()]
    rows = list(csv.DictReader(io.StringIO(text(client.get("/api/v1/matrix.csv?on=2024-05-01")))))
    assert rows == told


def test_a_question_without_a_day_is_about_today(client: Client) -> None:
    told = client.get(f"/api/v1/who?{ASKED}").json()
    assert told["on"] == today().isoformat()
    assert client.get("/api/v1/lines/NCBPS11B").json()["on"] == today().isoformat()


def test_what_is_listed_is_what_the_register_holds(client: Client) -> None:
    services = client.get("/api/v1/services").json()
    assert {each["ref"] for each in services} == set(register().services)
    assert [each["code"] for each in client.get("/api/v1/lines").json()] == sorted(register().lines)
    renal = client.get("/api/v1/lines?service=15&on=2024-05-01").json()
    assert [each["code"] for each in renal] == next(each["lines"] for each in services if each["ref"] == "15")
    assert {each["status"] for each in renal} <= {"GREEN", "AMBER", "RED", "BLUE"}
    organisations = {each["code"]: each for each in client.get("/api/v1/organisations").json()}
    assert set(organisations) == set(register().organisations) | set(register().providers)
    assert organisations["QNQ"]["successors"] == register().successors("QNQ", date(2026, 4, 1))
    decided = client.get("/api/v1/decisions").json()
    assert [each["decision_id"] for each in decided] == list(register().decisions)
    assert {each["source_id"] for each in decided} <= {
        each["source_id"] for each in client.get("/api/v1/sources").json()
    }


def test_search_leads_to_the_pages_that_the_search_page_leads_to(client: Client) -> None:
    found = client.get("/api/v1/search?q=renal dialysis").json()
    page = client.get("/search/?q=renal dialysis").content.decode()
    assert found
    assert all(f'href="{hit["page"]}"' in page for hit in found if hit["page"])


# --- forms


@pytest.mark.parametrize("address", EVERY)
def test_csv_by_suffix_and_by_accept_has_its_headings_in_the_first_row(client: Client, address: str) -> None:
    path, _, query = address.partition("?")
    by_suffix = client.get(f"/api/v1/{path}.csv?{query}")
    by_accept = client.get(f"/api/v1/{address}", headers={"accept": "text/csv"})
    assert by_suffix["Content-Type"] == by_accept["Content-Type"] == "text/csv; charset=utf-8"
    content = text(by_suffix)
    assert content == text(by_accept)
    told = json.loads(text(client.get(f"/api/v1/{address}")))
    records = told if isinstance(told, list) else [told]
    header, *rows = csv.reader(io.StringIO(content))
    assert len(rows) == len(records)
    assert set(header) <= set(records[0])
    assert register().snapshot in by_suffix["Content-Disposition"]


def test_text_that_a_spreadsheet_would_run_is_made_harmless(client: Client) -> None:
    for address in EVERY:
        path, _, query = address.partition("?")
        for row in csv.reader(io.StringIO(text(client.get(f"/api/v1/{path}.csv?{query}")))):
            assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row)


def test_json_is_sent_to_whoever_does_not_ask_for_csv(client: Client) -> None:
    for accept in (
        "*/*",
        "text/html, */*;q=0.8",
        "application/json",
        "image/png",
        "text/csv;q=0.5, application/json",
    ):
        response = client.get("/api/v1/services/15", headers={"accept": accept})
        assert response["Content-Type"].startswith("application/json"), accept
        assert "Accept" in response["Vary"]


# --- caching


@pytest.mark.parametrize("address", EVERY)
def test_an_answer_is_not_sent_twice_while_the_register_is_the_same(client: Client, address: str) -> None:
    first = client.get(f"/api/v1/{address}")
    assert first["Speccom-Register"] == register().snapshot
    assert "max-age" in first["Cache-Control"]
    again = client.get(f"/api/v1/{address}", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, text(again), again["ETag"]) == (304, "", first["ETag"])
    assert text(client.get(f"/api/v1/{address}", headers={"if-none-match": '"another"'})) == text(first)


def test_another_question_form_day_or_register_is_another_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tag(address: str) -> str:
        return str(client.get(address)["ETag"])

    tags = [tag(f"/api/v1/who?{ASKED}&on=2024-05-01"), tag(f"/api/v1/who.csv?{ASKED}&on=2024-05-01")]
    tags += [
        tag(f"/api/v1/who?{ASKED}&on=2024-05-02"),
        tag(f"/api/v1/who?{ASKED}&on=2024-05-01&known=2024-01-01"),
    ]
    tags.append(tag(f"/api/v1/who?{ASKED}"))
    assert tag(f"/api/v1/who?{ASKED}&on={today().isoformat()}") == tags[-1]
    monkeypatch.setitem(register().__dict__, "snapshot", "another")
    tags.append(tag(f"/api/v1/who?{ASKED}&on=2024-05-01"))
    assert len(set(tags)) == len(tags)


# --- who may read


def test_any_site_may_read_and_nobody_may_write(client: Client) -> None:
    asked = client.options("/api/v1/who", headers={"origin": "https://example.org"})
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    for address, status in ((f"who?{ASKED}", 200), ("who", 400), ("nothing", 404), ("openapi.json", 200)):
        response = client.get(f"/api/v1/{address}", headers={"origin": "https://example.org"})
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (status, "*")
        assert "Access-Control-Allow-Credentials" not in response
    for write in (client.post, client.put, client.patch, client.delete):
        response = write("/api/v1/who")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert response.json()["error"] == "method_not_allowed"
    assert "Access-Control-Allow-Origin" not in client.get("/")


def test_head_says_what_get_would(client: Client) -> None:
    head, get = client.head("/api/v1/services"), client.get("/api/v1/services")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", get["ETag"])


# --- what cannot be answered


@pytest.mark.parametrize(
    ("address", "status", "error", "message"),
    [
        ("who", 400, "bad_input", "line and area"),
        (f"who?line={DIALYSIS}", 400, "bad_input", "lacks area"),
        ("who?line=NCBPS99Q&area=QNC", 404, "unknown_service_line", "Nearest: "),
        (f"who?line={DIALYSIS}&area=ZZ9", 404, "unknown_area", "such as QNC"),
        (f"who?line={DIALYSIS}&area=QNQ&on=2026-04-01", 404, "not_active", "ask for what followed it"),
        (f"who?{ASKED}&on=2025-02-30", 400, "bad_period", "is not a date"),
        (f"who?{ASKED}&known=2999-01-01", 400, "bad_period", "cannot be said yet"),
        (f"who?line={'x' * 5000}&area=QNC", 400, "bad_input", "5,000 characters"),
        ("who?line=%3Cscript%3E&area=%00", 404, "unknown_service_line", "<SCRIPT>"),
        ("changes?from=2025-01-01&to=2024-01-01", 400, "bad_period", "earlier date first"),
        ("changes", 400, "bad_input", "lacks from"),
        (f"who?{ASKED}&on=", 400, "bad_period", "leave it out"),
        ("matrix?on=tomorrow", 400, "bad_period", "is not a date"),
        ("services/0", 404, "not_found", "prescribed service"),
        ("lines/NCBPS99Q", 404, "unknown_service_line", "Nearest: "),
        ("organisations/ZZ9", 404, "not_found", "organisation in the register"),
        ("search", 400, "bad_input", "lacks q"),
        ("nothing", 404, "not_found", "/api/v1/openapi.json"),
        ("", 404, "not_found", "/api/v1/openapi.json"),
    ],
)
def test_what_cannot_be_answered_is_an_error_with_a_sentence(
    client: Client, address: str, status: int, error: str, message: str
) -> None:
    for suffixed in (address, address.replace("?", ".csv?") if "?" in address else address):
        response = client.get(f"/api/v1/{suffixed}")
        told = response.json()
        assert (response.status_code, told["error"], set(told)) == (status, error, {"error", "message"})
        assert message in told["message"]
        assert "ETag" not in response


def test_a_host_that_the_site_does_not_answer_to_is_an_error_too(client: Client) -> None:
    response = client.get("/api/v1/services", headers={"host": "elsewhere.example"})
    assert (response.status_code, response.json()["error"]) == (400, "bad_input")


def test_a_fault_of_ours_is_json_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("speccom.site.explore.api.records.services", broken)
    response = Client(raise_request_exception=False).get("/api/v1/services")
    assert (response.status_code, response.json()["error"]) == (500, "fault")
    assert "secret" not in text(response)


# --- the description


def test_the_description_names_every_part_of_every_answer(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        content = methods["get"]["responses"]["200"]["content"]["application/json"]
        schema = content["schema"]
        shape = schemas[(schema.get("items") or schema)["$ref"].rpartition("/")[2]]
        example = content["example"]
        assert example, path
        for record in example if isinstance(example, list) else [example]:
            assert list(record) == list(shape["properties"]), path
    assert len(described["paths"]) == len(EVERY)

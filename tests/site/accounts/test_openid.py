"""Signing in through an organisation's OpenID provider, which runs in a process of its own on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from pytest_django import Settings
from tests.site.accounts.world import code_of, link, person
from tests.site.reading import words

from speccom.site.accounts import oidc
from speccom.site.accounts.models import Identity, Person
from speccom.site.audit.models import Entry
from speccom.site.config import environment

pytestmark = pytest.mark.django_db
PEOPLE = [
    {"sub": "ann-1", "email": "Ann@qnc.example", "email_verified": True, "name": "Ann Lead"},
    {"sub": "ann-2", "email": "ann@qnc.example", "email_verified": True, "name": "Another Ann"},
    {"sub": "mia", "email": "mia@qnc.example", "email_verified": True, "amr": ["pwd", "mfa"]},
    {"sub": "gold", "email": "mia@qnc.example", "email_verified": True, "acr": "urn:gold"},
    {"sub": "unverified", "email": "ann@qnc.example", "email_verified": False},
    {"sub": "unsaid", "email": "ann@qnc.example"},
    {"sub": "stranger", "email": "stranger@x.example", "email_verified": True},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider's address, from when it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(__file__).with_name("openid.py")
    with subprocess.Popen(
        [sys.executable, str(program), str(port), json.dumps(PEOPLE)],
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},  # plain HTTP: it is on this machine alone
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as served:
        try:
            yield _answering(f"http://127.0.0.1:{port}", served)
        finally:
            served.terminate()


def _answering(address: str, served: subprocess.Popen[str]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until and served.poll() is None:
        try:
            if requests.get(f"{address}/.well-known/openid-configuration", timeout=5).ok:
                return address
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"The provider did not start: {served.stderr.read() if served.stderr else ''}")


@pytest.fixture(autouse=True)
def through(provider: str, settings: Settings) -> Iterator[None]:
    """The site as set up for that provider."""
    settings.OIDC = {
        "issuer": provider,
        "client_id": "speccom",
        "client_secret": "a secret",
        "name": "your NHS account",
        "second_factor_acr": ("urn:gold",),
    }
    oidc._client.cache_clear()
    yield
    oidc._client.cache_clear()


def there(client: Client, **asked: str) -> str:
    """Where the site sends somebody to."""
    sent = client.get("/sign-in/organisation/", asked)
    assert sent.status_code == 302
    return str(sent["Location"])


def agree(address: str, sub: str) -> str:
    """Agree at the provider as somebody; the path by which it sends them back."""
    back = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    assert (parts.netloc, parts.path) == ("testserver", "/sign-in/organisation/back/")
    return f"{parts.path}?{parts.query}"


def come_through(client: Client, sub: str, **asked: str):  # type: ignore[no-untyped-def]
    return client.get(agree(there(client, **asked), sub))


def test_the_question_carries_state_nonce_and_a_challenge(client: Client) -> None:
    asked = parse_qs(urlsplit(there(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert all(len(asked[part][0]) >= 20 for part in ("state", "nonce", "code_challenge"))
    other = parse_qs(urlsplit(there(client)).query)
    assert all(asked[part] != other[part] for part in ("state", "nonce", "code_challenge"))


def test_a_verified_address_opens_its_account_and_our_second_step_follows(client: Client) -> None:
    ann = person("icb_lead", email="ann@qnc.example")
    answer = come_through(client, "ann-1", next="/audit/")
    assert answer["Location"] == "/sign-in/code/"
    assert client.get("/workspace/").status_code == 302
    assert client.post("/sign-in/code/", {"code": code_of(ann)})["Location"] == "/audit/"
    assert client.get("/workspace/").status_code == 200
    assert Entry.objects.get(action="people.sign_in").reason == (
        "Signed in with the organisation's provider and second factor"
    )


@pytest.mark.parametrize("sub", ["mia", "gold"])
def test_a_second_factor_that_the_provider_states_is_enough(client: Client, sub: str) -> None:
    person("icb_lead", email="mia@qnc.example")
    assert come_through(client, sub)["Location"] == "/workspace/"
    assert client.get("/workspace/").status_code == 200


def test_somebody_invited_joins_through_the_provider_with_all_their_roles(client: Client) -> None:
    link(at="QNC", email="mia@qnc.example")
    link(at="QHL", email="mia@qnc.example")
    late = link(at="QE1", email="mia@qnc.example")
    from django.utils import timezone

    from speccom.site.accounts.models import Invitation

    Invitation.objects.filter(organisation_id="QE1").update(expires=timezone.now())
    come_through(client, "mia")
    mia = Person.objects.get()
    assert {each.organisation for each in mia.actor().holdings} == {"QNC", "QHL"}
    assert not mia.has_usable_password()
    assert Client().get(late).status_code == 404
    assert Client().post("/sign-in/", {"email": mia.email, "password": "!"}).status_code == 400


@pytest.mark.parametrize(
    ("sub", "said"),
    [
        ("unverified", "does not say that your e-mail address was verified"),
        ("unsaid", "does not say that your e-mail address was verified"),
        ("stranger", "nobody has invited that e-mail address"),
    ],
)
def test_nobody_else_comes_in(client: Client, sub: str, said: str) -> None:
    person("icb_lead", email="ann@qnc.example")
    answer = come_through(client, sub)
    assert answer.status_code == 403
    assert said in words(answer.content.decode())
    assert client.get("/workspace/").status_code == 302
    assert Identity.objects.count() == 0


def test_an_account_keeps_to_the_identity_that_it_began_with(client: Client) -> None:
    ann = person("icb_lead", email="ann@qnc.example")
    come_through(client, "ann-1")
    answer = come_through(Client(), "ann-2")
    assert answer.status_code == 403
    Person.objects.filter(pk=ann.pk).update(email="ann@new.example")
    assert come_through(Client(), "ann-1")["Location"] == "/sign-in/code/"  # the address may change
    Person.objects.filter(pk=ann.pk).update(is_active=False)
    assert come_through(Client(), "ann-1").status_code == 403


def test_an_answer_counts_once_and_only_where_the_question_was_asked(client: Client) -> None:
    person("icb_lead", email="mia@qnc.example")
    back = agree(there(client), "mia")
    assert Client().get(back).status_code == 400  # another browser
    assert client.get(back.replace("state=", "state=x")).status_code == 400
    assert client.get(back)["Location"] == "/workspace/"
    assert client.get(back).status_code == 400
    assert client.get("/sign-in/organisation/back/").status_code == 400
    assert client.get("/sign-in/organisation/back/?error=access_denied").status_code == 400


@pytest.mark.parametrize("part", ["nonce", "code_verifier"])
def test_an_answer_to_another_question_is_refused(client: Client, part: str) -> None:
    person("icb_lead", email="mia@qnc.example")
    back = agree(there(client), "mia")
    session = client.session
    held = next(key for key in session.keys() if key.startswith("_state_organisation_"))  # noqa: SIM118
    session[held] = {**session[held], "data": session[held]["data"] | {part: "x" * 48}}
    session.save()
    assert client.get(back).status_code == 400
    assert client.get("/workspace/").status_code == 302


@pytest.mark.parametrize("part", ["issuer", "client_id"])
def test_a_token_of_another_issuer_or_for_another_site_is_refused(
    client: Client, settings: Settings, part: str
) -> None:
    person("icb_lead", email="mia@qnc.example")
    back = agree(there(client), "mia")
    settings.OIDC = settings.OIDC | {part: "https://other.example"}
    assert client.get(back).status_code == 400
    assert client.get("/workspace/").status_code == 302


def test_a_provider_that_does_not_answer_is_told_in_words(client: Client, settings: Settings) -> None:
    settings.OIDC = settings.OIDC | {"issuer": "http://127.0.0.1:9"}
    oidc._client.cache_clear()
    refused = client.get("/sign-in/organisation/")
    assert refused.status_code == 400
    assert "Signing in did not work" in words(refused.content.decode())


def test_without_a_provider_there_is_no_such_way_in(client: Client, settings: Settings) -> None:
    assert "Sign in with your NHS account" in words(client.get("/sign-in/").content.decode())
    settings.OIDC = None
    assert "your NHS account" not in words(client.get("/sign-in/").content.decode())
    assert client.get("/sign-in/organisation/").status_code == 404
    assert client.get("/sign-in/organisation/back/").status_code == 404


def test_half_a_provider_or_one_over_plain_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.oidc() is None
    monkeypatch.setenv("SPECCOM_OIDC_ISSUER", "http://login.example.org")
    with pytest.raises(
        environment.SettingError, match="SPECCOM_OIDC_CLIENT_ID and SPECCOM_OIDC_CLIENT_SECRET"
    ):
        environment.oidc()
    monkeypatch.setenv("SPECCOM_OIDC_CLIENT_ID", "speccom")
    monkeypatch.setenv("SPECCOM_OIDC_CLIENT_SECRET", "s")
    with pytest.raises(environment.SettingError, match="https://"):
        environment.oidc()
    monkeypatch.setenv("SPECCOM_OIDC_ISSUER", "https://login.example.org")
    monkeypatch.setenv("SPECCOM_OIDC_SECOND_FACTOR", "gold, platinum")
    held = environment.oidc()
    assert held is not None
    assert held["second_factor_acr"] == ("gold", "platinum")

"""Signing in: an invitation, a password, a second factor, sessions that end, tries that are counted."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.site.accounts.world import PASSWORD, code_of, come_in, key_of, link, person
from tests.site.reading import words

from speccom.site.accounts.actions import factors, limits
from speccom.site.accounts.keeping import decrypt
from speccom.site.accounts.models import ApiToken, Attempt, Invitation, Person, RecoveryCode
from speccom.site.audit.actions import verify
from speccom.site.audit.models import Entry

pytestmark = pytest.mark.django_db
JOIN = {"name": "Ann Lead", "password": PASSWORD, "again": PASSWORD}


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in/", {"email": email, "password": password} | more)


def is_in(client: Client) -> bool:
    return client.get("/workspace/").status_code == 200


# --- joining


def test_somebody_invited_joins_sets_up_a_second_step_and_is_in(client: Client) -> None:
    invitation = link()
    assert "You are invited as ICB lead at NHS Staffordshire" in words(
        client.get(invitation).content.decode()
    )
    joined = client.post(invitation, JOIN)
    assert joined["Location"] == "/sign-in/set-up/"
    assert not is_in(client)  # a password alone opens nothing
    page = client.get("/sign-in/set-up/")
    assert "<svg" in page.content.decode() and "style=" not in page.content.decode()
    done = client.post("/sign-in/set-up/", {"code": pyotp.TOTP(key_of(page)).now()})
    assert done.status_code == 200
    codes = re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", done.content.decode())
    assert len(set(codes)) == factors.RECOVERY_CODES
    assert "Signed in as Ann Lead, new@qnc.example." in words(client.get("/workspace/").content.decode())
    assert [each.action for each in Entry.objects.order_by("number")] == [
        "people.invite",
        "people.give_role",
        "people.set_up_second_factor",
        "people.sign_in",
    ]
    assert verify().entries == 4


def test_a_link_works_once_and_not_after_its_time(client: Client) -> None:
    first, second = link(), link(email="late@qnc.example")
    client.post(first, JOIN)
    assert Client().get(first).status_code == 404
    Invitation.objects.filter(email="late@qnc.example").update(expires=timezone.now())
    assert "This link no longer works" in words(client.get(second).content.decode())
    assert client.post(second, JOIN).status_code == 404
    assert client.get("/invitations/never/").status_code == 404
    assert Person.objects.count() == 1


def test_a_second_invitation_to_the_same_makes_the_first_link_useless(client: Client) -> None:
    first, second = link(), link()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_no_token_or_code_is_kept_as_it_is(client: Client) -> None:
    invitation = link()
    token = invitation.split("/")[2]
    held = Invitation.objects.get()
    assert token not in str(vars(held))
    ann = person("icb_lead")
    codes = factors.renew_recovery_codes(person=ann)
    kept = " ".join(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert all(code.replace("-", "") not in kept for code in codes)
    assert decrypt(ann.second_factor) not in ann.second_factor


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12 characters"),
        ("123456789012", "entirely numeric"),
        ("password1234", "too common"),
        ("new@qnc.example", "too similar to the email"),
    ],
)
def test_a_weak_password_is_refused_in_words(client: Client, password: str, said: str) -> None:
    answer = client.post(link(), JOIN | {"password": password, "again": password})
    assert answer.status_code == 400
    assert said in words(answer.content.decode())
    assert not Person.objects.exists()


def test_who_has_an_account_takes_a_further_role_signed_in_and_nobody_else_can(client: Client) -> None:
    one, other = link(at="QNC"), link(at="QHL")
    client.post(one, JOIN)
    assert "Sign in with that account" in words(Client().get(other).content.decode())
    assert Client().post(other).status_code == 400
    stranger = Client()
    come_in(stranger, person("icb_lead", email="else@qnc.example"))
    assert stranger.post(other).status_code == 400
    ann = Person.objects.get(email="new@qnc.example")
    assert len(ann.actor().holdings) == 1
    come_in(client, ann)
    assert client.post(other).status_code == 302
    assert {each.organisation for each in ann.actor().holdings} == {"QNC", "QHL"}


# --- the two steps


def test_a_password_and_a_code_sign_in_and_lead_to_where_one_was_going(client: Client) -> None:
    ann = person("icb_lead")
    sent = client.get("/audit/?actor=ann")
    assert sent["Location"] == "/sign-in/?next=%2Faudit%2F%3Factor%3Dann"
    answer = sign_in(client, ann.email.upper(), next="/audit/?actor=ann")
    assert answer["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": code_of(ann)})["Location"] == "/audit/?actor=ann"
    assert is_in(client)


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_outside_the_site(client: Client, onward: str) -> None:
    ann = person("icb_lead")
    sign_in(client, ann.email, next=onward)
    assert client.post("/sign-in/code/", {"code": code_of(ann)})["Location"] == "/workspace/"


def test_the_answer_does_not_tell_who_has_an_account(client: Client) -> None:
    ann, closed = person("icb_lead"), person("icb_analyst")
    Person.objects.filter(pk=closed.pk).update(is_active=False)
    answers = [
        sign_in(client, email, password)
        for email, password in (
            (ann.email, "not the password"),
            ("nobody@qnc.example", "not the password"),
            (closed.email, PASSWORD),
            ("no address", "x"),
        )
    ]
    assert {each.status_code for each in answers} == {400}
    bodies = {
        re.sub(r'value="[^"]*"', "", each.content.decode()) for each in answers
    }  # what was typed is shown again
    assert len(bodies) == 1
    assert "The e-mail address or the password is not right." in bodies.pop()


def test_hashing_is_done_whether_there_is_an_account_or_not(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    ann = person("icb_lead")
    took = []
    for email in (ann.email, "nobody@qnc.example"):
        began = time.process_time()
        sign_in(client, email, "not the password")
        took.append(time.process_time() - began)
    assert max(took) < 3 * min(took)


def test_a_code_is_good_once(client: Client) -> None:
    ann = person("icb_lead")
    code = code_of(ann)
    sign_in(client, ann.email)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    again = Client()
    sign_in(again, ann.email)
    assert again.post("/sign-in/code/", {"code": code}).status_code == 400
    assert again.post("/sign-in/code/", {"code": code_of(ann, -1)}).status_code == 400  # nor an earlier one
    assert not is_in(again)
    assert again.post("/sign-in/code/", {"code": code_of(ann, 1)}).status_code == 302


@pytest.mark.parametrize("later", [-3, 3])
def test_a_code_of_another_time_is_refused(client: Client, later: int) -> None:
    ann = person("icb_lead")
    sign_in(client, ann.email)
    assert client.post("/sign-in/code/", {"code": code_of(ann, later)}).status_code == 400


def test_a_recovery_code_signs_in_once_and_only_its_owner(client: Client) -> None:
    ann, ben = person("icb_lead"), person("icb_analyst")
    code = factors.renew_recovery_codes(person=ann)[0]
    other = Client()
    sign_in(other, ben.email)
    assert other.post("/sign-in/code/", {"code": code}).status_code == 400
    sign_in(client, ann.email)
    assert client.post("/sign-in/code/", {"code": code.upper()}).status_code == 302
    again = Client()
    sign_in(again, ann.email)
    assert again.post("/sign-in/code/", {"code": code}).status_code == 400


def test_the_second_step_cannot_be_reached_without_the_first(client: Client) -> None:
    person("icb_lead")
    for address in ("/sign-in/code/", "/sign-in/set-up/"):
        assert client.get(address)["Location"] == "/sign-in/"
        assert client.post(address, {"code": "123456"})["Location"] == "/sign-in/"


def test_a_second_factor_that_is_set_up_cannot_be_set_up_over(client: Client) -> None:
    ann = person("icb_lead")
    sign_in(client, ann.email)
    assert client.get("/sign-in/set-up/")["Location"] == "/sign-in/code/"
    assert client.post("/sign-in/set-up/", {"code": "123456"})["Location"] == "/sign-in/code/"


def test_the_second_step_must_follow_soon_and_ends_when_the_password_changes(client: Client) -> None:
    ann = person("icb_lead")
    sign_in(client, ann.email)
    session = client.session
    session["waiting"] = session["waiting"] | {"until": time.time() - 1}
    session.save()
    assert client.post("/sign-in/code/", {"code": code_of(ann)})["Location"] == "/sign-in/"
    sign_in(client, ann.email)
    ann.set_password("another long password")
    ann.save()
    assert client.post("/sign-in/code/", {"code": code_of(ann)})["Location"] == "/sign-in/"


def test_a_page_that_refuses_says_so_first_in_its_title(client: Client) -> None:
    assert "<title>Sign in – Speccom</title>" in client.get("/sign-in/").content.decode()
    assert "<title>Error: Sign in – Speccom</title>" in sign_in(client, "a@b.example").content.decode()


# --- tries


def test_tries_for_an_account_are_counted_over_addresses_and_told_the_same_without_one(
    client: Client,
) -> None:
    ann = person("icb_lead")
    for email in (ann.email, "nobody@qnc.example"):
        for number in range(limits.MOST[limits.ACCOUNT]):
            answer = client.post(
                "/sign-in/", {"email": email, "password": "wrong"}, REMOTE_ADDR=f"10.0.0.{number}"
            )
            assert answer.status_code == 400
        refused = sign_in(client, email)  # even with the right one
        assert refused.status_code == 429
        assert "Wait 15 minutes" in words(refused.content.decode())
    Attempt.objects.update(at=timezone.now() - limits.WINDOW - timedelta(seconds=1))
    assert sign_in(client, ann.email).status_code == 302


def test_tries_from_an_address_are_counted_over_accounts(client: Client) -> None:
    for number in range(limits.MOST[limits.ADDRESS]):
        sign_in(client, f"person{number}@qnc.example", "wrong")
    assert sign_in(client, "another@qnc.example", "wrong").status_code == 429
    elsewhere = client.post(
        "/sign-in/", {"email": "another@qnc.example", "password": "wrong"}, REMOTE_ADDR="10.9.9.9"
    )
    assert elsewhere.status_code == 400


def test_an_address_behind_proxies_is_the_one_that_the_nearest_of_them_saw(
    client: Client, settings: Settings
) -> None:
    settings.PROXIES = 1
    for number in range(limits.MOST[limits.ADDRESS] + 1):
        answer = client.post(
            "/sign-in/",
            {"email": f"person{number}@qnc.example", "password": "wrong"},
            headers={"X-Forwarded-For": f"1.2.3.{number}, 10.1.1.1"},  # what stands first is anybody's word
        )
    assert answer.status_code == 429


def test_codes_can_be_tried_five_times(client: Client) -> None:
    ann = person("icb_lead")
    sign_in(client, ann.email)
    for _ in range(limits.MOST[limits.FACTOR]):
        assert client.post("/sign-in/code/", {"code": "abcd"}).status_code == 400
    assert client.post("/sign-in/code/", {"code": code_of(ann)}).status_code == 429


def test_tries_are_kept_without_the_address_or_the_account() -> None:
    limits.take(limits.ACCOUNT, "ann@qnc.example")
    assert "ann" not in Attempt.objects.get().about


# --- sessions


def test_the_session_is_another_at_each_step(client: Client) -> None:
    ann = person("icb_lead")
    keys = [client.cookies.get("sessionid")]
    sign_in(client, ann.email)
    keys.append(client.cookies["sessionid"].value)
    client.post("/sign-in/code/", {"code": code_of(ann)})
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("began", "seen", "still"),
    [
        (0, 0, True),
        (3600, settings.SESSION_IDLE - 60, True),
        (3600, settings.SESSION_IDLE + 1, False),
        (settings.SESSION_LONGEST - 60, 0, True),
        (settings.SESSION_LONGEST + 1, 0, False),
    ],
)
def test_a_session_ends_when_idle_for_30_minutes_and_after_12_hours(
    client: Client, began: int, seen: int, still: bool
) -> None:
    come_in(client, person("icb_lead"))
    session = client.session
    session["began"], session["seen"] = time.time() - began, time.time() - seen
    session.save()
    assert is_in(client) is still
    assert is_in(client) is still


def test_using_a_session_keeps_it_from_being_idle(client: Client) -> None:
    come_in(client, person("icb_lead"))
    session = client.session
    session["seen"] = time.time() - settings.SESSION_IDLE + 60
    session.save()
    assert is_in(client)
    assert client.session["seen"] > time.time() - 60


def test_changing_the_password_ends_every_session_and_token(client: Client) -> None:
    ann = person("icb_lead")
    elsewhere = Client()
    come_in(client, ann)
    come_in(elsewhere, ann)
    elsewhere.post("/account/tokens/", {"name": "report", "scopes": "me", "days": 5})
    new = "another long password"
    wrong = client.post("/account/password/", {"old": "x", "password": new, "again": new})
    assert "that you have now is not right" in words(wrong.content.decode())
    changed = client.post("/account/password/", {"old": PASSWORD, "password": new, "again": new})
    assert changed["Location"] == "/sign-in/?changed=1"
    assert not is_in(client) and not is_in(elsewhere)
    assert ApiToken.objects.filter(ended=None).count() == 0
    assert sign_in(client, ann.email).status_code == 400
    assert sign_in(client, ann.email, new).status_code == 302


def test_signing_out_ends_the_session_and_needs_a_form(client: Client) -> None:
    ann = person("icb_lead")
    come_in(client, ann)
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/"
    assert not is_in(client) and not is_in(stolen)


def test_a_closed_account_is_out_at_once(client: Client) -> None:
    ann = person("icb_lead")
    come_in(client, ann)
    Person.objects.filter(pk=ann.pk).update(is_active=False)
    assert not is_in(client)


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    come_in(client, person("administrator"))
    for address in ("/sign-out/", "/sign-in/", "/people/invite/", "/account/tokens/"):
        refused = client.post(address, {"email": "x@y.example"})
        assert refused.status_code == 403
        assert "not sent from a page of this site" in words(refused.content.decode())


def test_pages_behind_signing_in_are_kept_nowhere(client: Client) -> None:
    come_in(client, person("administrator"))
    for address in ("/workspace/", "/people/", "/audit/", "/sign-in/"):
        assert client.get(address)["Cache-Control"] == "no-store"


# --- tokens


def test_a_program_is_told_who_it_asks_for(client: Client) -> None:
    ann = person("icb_lead")
    come_in(client, ann)
    page = client.post("/account/tokens/", {"name": "report", "scopes": "me", "days": 5}).content.decode()
    text = re.search(r"speccom_[\w-]{43}", page)
    assert text
    assert text[0] not in client.get("/account/tokens/").content.decode()  # shown once
    assert text[0] not in str(vars(ApiToken.objects.get()))
    program = Client(headers={"Authorization": f"Bearer {text[0]}"})
    answer = program.get("/api/v1/me")
    assert answer.json() == {
        "email": ann.email,
        "name": "A icb_lead",
        "roles": [{"role": "icb_lead", "organisation": "QNC"}],
        "scopes": ["me"],
    }
    assert answer["Cache-Control"] == "no-store"
    assert ApiToken.objects.get().last_used is not None
    assert program.get("/workspace/").status_code == 302  # a token opens no page
    assert program.post("/api/v1/me").status_code == 405


def test_a_token_that_ended_expired_or_lacks_the_scope_is_refused(client: Client) -> None:
    ann = person("icb_lead")
    come_in(client, ann)
    page = client.post("/account/tokens/", {"name": "report", "scopes": "me", "days": 5}).content.decode()
    text = re.search(r"speccom_[\w-]{43}", page)
    assert text
    program = Client(headers={"Authorization": f"Bearer {text[0]}"})
    held = ApiToken.objects.get()
    ApiToken.objects.update(scopes="other")
    lacking = program.get("/api/v1/me")
    assert (lacking.status_code, lacking.json()["error"]) == (403, "not_allowed")
    ApiToken.objects.update(scopes="me", expires=timezone.now())
    assert program.get("/api/v1/me").status_code == 401
    ApiToken.objects.update(expires=timezone.now() + timedelta(days=1))
    Person.objects.update(is_active=False)
    assert program.get("/api/v1/me").status_code == 401
    Person.objects.update(is_active=True)
    assert program.get("/api/v1/me").status_code == 200
    client.post(f"/account/tokens/{held.pk}/end/")
    assert program.get("/api/v1/me").status_code == 401
    for header in ("", "Bearer", "Bearer x", "Basic YTpi", text[0]):
        answer = Client(headers={"Authorization": header}).get("/api/v1/me")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/api/v1/me").status_code == 401  # nor does a session count there


def test_nobody_ends_or_sees_another_persons_token(client: Client) -> None:
    ann = person("icb_lead")
    come_in(client, ann)
    client.post("/account/tokens/", {"name": "report", "scopes": "me", "days": 5})
    other = Client()
    come_in(other, person("administrator"))
    held = ApiToken.objects.get()
    assert ">report<" not in other.get("/account/tokens/").content.decode()
    assert other.post(f"/account/tokens/{held.pk}/end/").status_code == 404
    assert ApiToken.objects.get().ended is None

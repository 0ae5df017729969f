"""Signing in through an organisation's OpenID provider: code flow with PKCE, state and nonce, by Authlib."""

from __future__ import annotations

from functools import cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from speccom.errors import SpeccomError

_SECONDS = 10


class ProviderFailed(SpeccomError):
    """The provider could not be asked, or what it sent does not hold."""

    code = "provider_failed"


def start(request: HttpRequest, back: str) -> HttpResponse:
    """Send a browser to the provider, to come back to an address."""
    try:
        sent: HttpResponse = _client().authorize_redirect(request, back)
    except (requests.RequestException, AuthlibBaseError, RuntimeError, ValueError) as error:
        raise _failed() from error
    return sent


def claims(request: HttpRequest) -> dict[str, Any]:
    """What the provider says of who came back, its signature, issuer, audience, times and nonce checked."""
    # Authlib takes the issuer from what the provider publishes, and asks after no audience unless told.
    held = {
        "iss": {"essential": True, "values": [_held()["issuer"]]},
        "aud": {"essential": True, "values": [_held()["client_id"]]},
    }
    try:
        token = _client().authorize_access_token(request, claims_options=held)
    except (requests.RequestException, AuthlibBaseError, JoseError, RuntimeError, ValueError) as error:
        raise _failed() from error
    said = token.get("userinfo")
    if not said:
        raise _failed()
    return dict(said)


@cache
def _client() -> Any:
    held = _held()
    return OAuth().register(
        "organisation",
        client_id=held["client_id"],
        client_secret=held["client_secret"],
        server_metadata_url=f"{held['issuer'].rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _SECONDS,
        },
    )


def _held() -> dict[str, Any]:
    assert settings.OIDC is not None
    return settings.OIDC


def _failed() -> ProviderFailed:
    return ProviderFailed(
        "Signing in through your organisation did not work. Begin again; if it happens again, tell an administrator."
    )

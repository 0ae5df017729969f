"""An OpenID provider of its own process: `python openid.py PORT CLAIMS`, CLAIMS a JSON list of people.

It is oidc-provider-mock, which signs tokens and keeps codes as a real one does, and further refuses a code
without the verifier that its challenge was made of (PKCE), and a request without a nonce.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import oidc_provider_mock
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app
from oidc_provider_mock._storage import User
from werkzeug.serving import run_simple

challenges: dict[str, tuple[str, str]] = {}


class Proof(CodeChallenge):  # type: ignore[misc]
    def get_authorization_code_challenge(self, code: Any) -> str:
        return challenges[code.code][0]

    def get_authorization_code_challenge_method(self, code: Any) -> str:
        return challenges[code.code][1]


class Grant(_app.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

    def save_authorization_code(self, code: str, request: Any) -> None:
        said = request.payload.data
        challenges[code] = (said["code_challenge"], said["code_challenge_method"])
        super().save_authorization_code(code, request)


class OpenID(_app.OpenIDCode):
    def __call__(self, grant: Any) -> None:
        super().__call__(grant)
        Proof(required=True)(grant)


def main() -> None:
    port, people = int(sys.argv[1]), json.loads(sys.argv[2])
    _app.AuthorizationCodeGrant, _app.OpenIDCode = Grant, OpenID
    users = [User(sub=each.pop("sub"), claims=each) for each in people]
    run_simple(
        "127.0.0.1", port, oidc_provider_mock.app(require_nonce=True, user_claims=users), threaded=True
    )


if __name__ == "__main__":
    main()

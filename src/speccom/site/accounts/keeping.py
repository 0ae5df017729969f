"""How secrets are kept: tokens by their hash, the second factor encrypted under the site's own key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from speccom.errors import SpeccomError


class CannotRead(SpeccomError):
    """A secret that was encrypted under another key."""

    code = "cannot_read"


def new_token() -> str:
    """A text that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token. It has too many possibilities for a slow hash to be needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(text: str) -> str:
    """What is kept of something that could be guessed, such as an e-mail address: a hash under the site's key."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"speccom attempts " + text.encode(), hashlib.sha256).hexdigest()


def encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Raises `CannotRead` where the site's key is another than when it was kept."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise CannotRead(
            "The site's key has changed since this second factor was set up: ask an administrator for a link "
            "to set your sign-in anew."
        ) from error


def _box() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"speccom second factor")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))

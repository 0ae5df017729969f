"""Reads what differs between machines from the environment, and says what is wrong with it."""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import unquote, urlsplit

from speccom.errors import SpeccomError
from speccom.workspace import Workspace, write_atomically

_MAIL = ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_SECURITY", "MAIL_FROM")
_OIDC = ("issuer", "client_id", "client_secret", "name")


class SettingError(SpeccomError):
    """A setting of the site that cannot be used; the message names the variable."""

    code = "setting"


def flag(variable: str) -> bool:
    """Whether a variable is switched on with `1`."""
    value = os.environ.get(variable, "").strip()
    if value not in {"", "0", "1"}:
        raise SettingError(f"{variable} is {value!r}: set it to 1 or 0.")
    return value == "1"


def names(variable: str, otherwise: str) -> list[str]:
    """A list written with commas."""
    return [name.strip() for name in os.environ.get(variable, otherwise).split(",") if name.strip()]


def workers() -> int:
    """How many worker processes serve the site: one for each processor where nothing is said."""
    value = os.environ.get("WEB_CONCURRENCY", "").strip()
    if not value:
        return os.cpu_count() or 1
    if not value.isdecimal() or int(value) == 0:
        raise SettingError(f"WEB_CONCURRENCY is {value!r}: give a whole number of workers, such as 2.")
    return int(value)


def whole(variable: str, otherwise: int) -> int:
    """A whole number, 0 or more."""
    value = os.environ.get(variable, "").strip() or str(otherwise)
    if not (value.isascii() and value.isdecimal()):
        raise SettingError(f"{variable} is {value!r}: give a whole number, such as 1.")
    return int(value)


def oidc() -> dict[str, Any] | None:
    """The OpenID provider to sign in through, if one is named; half of one is refused."""
    given = {part: os.environ.get(f"SPECCOM_OIDC_{part.upper()}", "").strip() for part in _OIDC}
    if not any(given[part] for part in _OIDC[:3]):
        return None
    lacking = [f"SPECCOM_OIDC_{part.upper()}" for part in _OIDC[:3] if not given[part]]
    if lacking:
        raise SettingError(f"To sign in through a provider, set {' and '.join(lacking)} too.")
    parts = urlsplit(given["issuer"])
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise SettingError("SPECCOM_OIDC_ISSUER must begin with https://: what it says opens accounts.")
    return {
        **{part: given[part] for part in _OIDC[:3]},
        "name": given["name"] or "your organisation’s account",
        "second_factor_acr": tuple(names("SPECCOM_OIDC_SECOND_FACTOR", "")),
    }


def address() -> str:
    """Where people reach the site, as `https://speccom.example.org`: a scheme, a name, perhaps a port."""
    given = os.environ.get("SPECCOM_ADDRESS", "").strip().rstrip("/") or "http://127.0.0.1:8000"
    parts = urlsplit(given)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise SettingError(
            f"SPECCOM_ADDRESS is {given!r}: give where people reach the site, such as https://speccom.example.org."
        )
    return given


def mail(workspace: Workspace) -> dict[str, Any]:
    """Django's settings of e-mails: through the SMTP server that is named, else into files of the workspace."""
    given = {part: os.environ.get(f"SPECCOM_{part}", "").strip() for part in _MAIL}
    if not given["SMTP_HOST"]:
        alone = [f"SPECCOM_{part}" for part in _MAIL if part.startswith("SMTP_") and given[part]]
        if alone:
            raise SettingError(f"{alone[0]} is set and SPECCOM_SMTP_HOST is not: name the mail server too.")
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": workspace.root / "mail",
            "DEFAULT_FROM_EMAIL": given["MAIL_FROM"] or "speccom@localhost",
        }
    lacking = [
        each for each in ("SPECCOM_MAIL_FROM", "SPECCOM_ADDRESS") if not os.environ.get(each, "").strip()
    ]
    if lacking:
        raise SettingError(f"To send e-mails through {given['SMTP_HOST']}, set {' and '.join(lacking)} too.")
    if bool(given["SMTP_USER"]) != bool(given["SMTP_PASSWORD"]):
        raise SettingError("Set SPECCOM_SMTP_USER and SPECCOM_SMTP_PASSWORD together, or neither.")
    security = given["SMTP_SECURITY"] or "starttls"
    if security not in {"starttls", "tls", "none"}:
        raise SettingError(f"SPECCOM_SMTP_SECURITY is {security!r}: set it to starttls, tls or none.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_FILE_PATH": None,
        "EMAIL_HOST": given["SMTP_HOST"],
        "EMAIL_PORT": whole("SPECCOM_SMTP_PORT", 465 if security == "tls" else 587),
        "EMAIL_HOST_USER": given["SMTP_USER"],
        "EMAIL_HOST_PASSWORD": given["SMTP_PASSWORD"],
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "tls",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": given["MAIL_FROM"],
    }


def secret_key(workspace: Workspace) -> str:
    """The key of the environment, else one made once for this workspace and readable by its owner only."""
    given = os.environ.get("SPECCOM_SECRET_KEY")
    if given:
        return given
    path = workspace.root / "site.key"
    if not path.exists():
        workspace.make()
        write_atomically(path, secrets.token_urlsafe(48).encode(), mode=0o600)
    return path.read_text(encoding="utf-8")


def database(workspace: Workspace) -> dict[str, Any]:
    """Django's settings of the database that DATABASE_URL names, else of SQLite in the workspace."""
    url = os.environ.get("DATABASE_URL", "").strip()
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": workspace.root / "db.sqlite3",
            # Writers wait for each other and readers for nobody.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "pragma journal_mode=wal; pragma synchronous=normal",
            },
        }
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise SettingError(
            "DATABASE_URL must be postgresql://user:password@host:port/name; leave it out for SQLite."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or _socket(parts.query),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _socket(query: str) -> str:
    """The directory of `?host=/run/postgresql`, as PostgreSQL's own addresses write a socket."""
    host = dict(part.partition("=")[::2] for part in query.split("&")).get("host", "")
    return unquote(host)

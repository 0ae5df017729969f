"""Makes patients countable and nobody knowable: a keyed hash in place of who they are.

`patient_id` is the first 15 hexadecimal digits (60 bits) of HMAC-SHA-256 under a key that is kept outside
the workspace, as a BIGINT. Two of 10 million patients share one with odds of about 1 in 23,000, so counts
of distinct patients are exact in practice. Without the key nobody can go back; with another key nothing
links, so the receipt book remembers the key's fingerprint and a later key that differs is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from speccom.errors import SpeccomError
from speccom.workspace import Workspace

KEY_VARIABLE = "SPECCOM_PATIENT_KEY"
_SHORTEST_KEY = 16
_BLOCK_BYTES = 64  # of SHA-256, as HMAC (RFC 2104) needs it


class PatientKeyError(SpeccomError):
    """No key, a bad one, or another than before."""

    code = "patient_key"


@dataclass(frozen=True, slots=True)
class PatientKey:
    """A key, never shown: `fingerprint` is what may be written down."""

    secret: bytes = field(repr=False)
    demonstration: bool = False

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell keys apart and do not give them away."""
        return hmac.new(self.secret, b"speccom patient key", hashlib.sha256).hexdigest()[:16]

    def pads(self) -> pa.Table:
        """The key as HMAC's two padded blocks, one row. A table, so that the key is in no SQL text."""
        secret = self.secret if len(self.secret) <= _BLOCK_BYTES else hashlib.sha256(self.secret).digest()
        padded = secret.ljust(_BLOCK_BYTES, b"\0")
        inner, outer = bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)
        return pa.table({"inner_pad": pa.array([inner]), "outer_pad": pa.array([outer])})


def key_from_environment() -> PatientKey | None:
    """The key of a real run; none if it is not set. Refuses one that is too short to protect anybody."""
    secret = os.environ.get(KEY_VARIABLE, "").strip()
    if not secret:
        return None
    if len(secret) < _SHORTEST_KEY:
        raise PatientKeyError(
            f"{KEY_VARIABLE} is too short: set it to {_SHORTEST_KEY} characters or more that nobody can guess."
        )
    return PatientKey(secret.encode("utf-8"))


def demonstration_key(workspace: Workspace) -> PatientKey:
    """The key for made-up patients, beside the workspace and readable by its owner only; made if need be."""
    path = workspace.demonstration_key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_hex(32) + "\n")
        aside.replace(path)
    return PatientKey(_owned(path).encode("utf-8"), demonstration=True)


def require_same(key: PatientKey, fingerprint: str | None) -> None:
    """Refuse a key under which the patients of earlier receipts would no longer be found."""
    if fingerprint is not None and fingerprint != key.fingerprint:
        raise PatientKeyError(
            f"The patients already received were protected with another key (fingerprint {fingerprint}, "
            f"this one {key.fingerprint}): set {KEY_VARIABLE} as it was then, or use another workspace."
        )


class KeyRing:
    """Which key a file's patients are hashed with: the real one, or the demonstration's for synthetic files.

    `fingerprint` is of the key of the receipts there are, if there are any.
    """

    def __init__(self, workspace: Workspace, key: PatientKey | None, fingerprint: str | None) -> None:
        self._workspace, self._key, self._fingerprint = workspace, key, fingerprint
        self._settling = threading.Lock()

    def key_for(self, name: str, wholly_synthetic: bool) -> PatientKey:
        """The key for one file, synthetic or not by its name and its rows. Raises `PatientKeyError`."""
        with self._settling:
            if self._key is not None and not self._key.demonstration:
                return self._key
            if not wholly_synthetic:
                raise PatientKeyError(
                    f"{name} is not marked as synthetic and there is no key to protect its patients: set "
                    f"{KEY_VARIABLE} to a secret of at least {_SHORTEST_KEY} characters that is kept outside the "
                    "workspace, and receive it again."
                )
            if self._key is None:
                key = demonstration_key(self._workspace)
                require_same(key, self._fingerprint)
                self._key = key
            return self._key


def patient_id(identity: str) -> str:
    """SQL for the patient id of `identity`, text such as `NHS:9434765919`; null where it is null.

    `inner_pad` and `outer_pad`, from `PatientKey.pads`, are columns of the select that it stands in.
    """
    inner = f"unhex(sha256(inner_pad || encode({identity})))"
    digest = f"sha256(outer_pad || {inner})"
    return f"cast('0x' || substr({digest}, 1, 15) as bigint)"


def _owned(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise PatientKeyError(f"{path} can be read by others: run `chmod 600 {path}` and try again.")
    return path.read_text(encoding="utf-8").strip()

"""Who may talk to the cloud: access keys, and the secrets they sign with.

One random secret per cloud, held in memory only. An access key's own secret is an HMAC of it, so no caller can work out
another's: a Lambda function knows its own and no more. What IAM and STS hand out (users' access keys, assumed roles) has random
secrets, which are theirs to keep.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import time_machine
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends


@dataclass(frozen=True)
class Credentials:
    """An access key: what a client of AWS is given. The secret is in no repr."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """The variables that every SDK and command line reads."""
        found = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return found | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})

    def write(self, path: Path) -> None:
        """A shared credentials file that only this user can read (mode 0600); a link at the path is replaced, never followed."""
        path.unlink(missing_ok=True)
        text = f"[default]\naws_access_key_id = {self.access_key_id}\naws_secret_access_key = {self.secret_access_key}\n"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
            file.write(text)


@dataclass(frozen=True)
class Key:
    """What the gateway knows of an access key. `real`: its holder may sign by the machine's clock, too."""

    credentials: Credentials
    temporary: bool = False
    """Its session token must come with it, as of a role."""
    tokens: tuple[str, ...] = ()
    """Session tokens that were issued for it: functions of one name have one in each region. Without any, its own."""
    real: bool = True
    expires: datetime | None = None

    def takes(self, token: str) -> bool:
        """Whether a request may come with that session token, "" for none."""
        if not token:
            return not self.temporary
        known = self.tokens or (self.credentials.session_token,)
        return any(hmac.compare_digest(token.encode(), each.encode()) for each in known)


class Keys:
    """The access keys of one cloud. Thread-safe: a dictionary that only grows."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._issued: dict[str, Key] = {}
        self._homes: dict[str, str] = {}

    def issue(self, access_key_id: str, *, real: bool = False, session: bool = False, home: str = "") -> Credentials:
        """The credentials of a caller of that name: the same each time. Good by the virtual clock; `real`: by the machine's too.

        With a `session` they have a token, as those of a function; `home` is the region it runs in, which the token tells.
        """
        old = self._issued.get(access_key_id)
        token = self.derived("session", f"{access_key_id} {home}".strip())
        if home:
            self._homes[token] = home
        credentials = Credentials(access_key_id, self.derived("secret", access_key_id), token)
        tokens = tuple(dict.fromkeys((*(old.tokens if old else ()), token)))
        self._issued[access_key_id] = Key(credentials, real=real or (old is not None and old.real), tokens=tokens)
        return credentials if session else replace(credentials, session_token="")

    def home(self, token: str) -> str:
        """The region that a function's session token was issued in; "" for any other."""
        return self._homes.get(token, "")

    def derived(self, purpose: str, name: str) -> str:
        """40 characters that nobody without this cloud's secret can work out; safe in a URL."""
        made = hmac.new(self._secret, f"{purpose}\n{name}".encode(), sha256).digest()
        return base64.urlsafe_b64encode(made).decode()[:40]

    def find(self, access_key_id: str) -> Key | None:
        """None for a key that was never issued, was deleted, or is inactive."""
        return self._issued.get(access_key_id) or _of_role(access_key_id) or _of_user(access_key_id)


def _of_role(access_key_id: str) -> Key | None:
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role is not None:
                found = Credentials(access_key_id, role.secret_access_key, role.session_token)
                return Key(found, temporary=True, expires=role.expiration.replace(tzinfo=UTC))
    return None


def _of_user(access_key_id: str) -> Key | None:
    for account in list(iam_backends.values()):
        for backend in list(account.values()):
            for user in list(backend.users.values()):
                for key in list(user.access_keys):
                    if key.access_key_id == access_key_id and key.status == "Active":
                        return Key(Credentials(access_key_id, key.secret_access_key))
    return None


def real_now() -> datetime:
    """The machine's time, aware, UTC, whatever the virtual clock says."""
    hatch = time_machine.escape_hatch
    found: datetime = hatch.datetime.datetime.now(UTC) if hatch.is_travelling() else datetime.now(UTC)
    return found

"""Asks a MySQL server something as its master user; in the VPC, with no permission in AWS. Called by functions, never by state.

Event: `{"host", "port", "user", "password", "action"}` and `accounts` (`set_passwords`) or `users` (`fence`, `lift`,
`connections`). Answers: `login` `{signed_in}`; `set_passwords` `{accounts, missing}`; `fence` `{accounts, last_write}`; `lift`
`{accounts}`; `connections` `{connections: {user: n}}`. Environment: `DATABASE_CA_BUNDLE`. Fails with DatabaseUnreachable,
StillConnected, LoginRefused or DatabaseRefused, none of which holds a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.restore import database


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return database.answer(event)

"""Gives a restored MySQL instance the passwords of our secrets. Called again each minute until it is settled.

Event: `{"plan"}`. Answer: `settled`, `waiting_for`, `accounts` and `missing` (user names), `because` (why nothing was to do).
DatabaseUnreachable and TryAgain are worth a retry; LoginRefused and DatabaseRefused end the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.restore.passwords import reset
from recovery.restore.plan import Plan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return reset(Plan.from_json(event["plan"]), client)

"""Deletes the store that a drill restored and marked; it may not mark. Called again until AWS has taken the deletion.

Event: `{"plan"}`. Answer: `done`, `waiting_for`, `there`. NotOurs: nothing was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.drills.teardown import tear_down
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return tear_down(Plan.from_json(event["plan"]), client)

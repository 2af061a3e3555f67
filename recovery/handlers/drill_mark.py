"""Marks the store that a drill restored as the drill's; it may not delete. Called again until the marks are seen.

Event: `{"plan"}`. Answer: `done`, `waiting_for`, `there`. NotOurs: nothing was marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.drills.teardown import mark
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return mark(Plan.from_json(event["plan"]), client)

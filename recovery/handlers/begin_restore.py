"""Begins the restore of a plan, or finds the one that it has begun before.

Event: `{"plan"}`. Answer: `job_id` (empty when there is no AWS Backup job to follow) and `found`. NameTaken and RestoreRefused
end the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan
from recovery.restore.start_restore import begin


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return begin(Plan.from_json(event["plan"]), client)

"""Finds what a restore test of AWS Backup restored, and what it must be compared with.

Event: `{"restore_job_id", "wanted"}`; `wanted` is `dr_stack.restore_tests.wanted`. Answer: `recovery.restore_tests.lookup.find`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.restore_tests.lookup import find


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return find(event["restore_job_id"], event["wanted"], client)

"""Smoke-tests the services of this region; called again each minute until all pass.

Event: `{"plan", "services"}`, the services being those that are installed here. Answer: as `recovery.region.smoke_test.smoke`.
Environment: `CHECKS`, what is asked of each service, as JSON. NothingToTest ends the attempt.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.http_probe import ask
from recovery.region.plan import RegionPlan
from recovery.region.smoke_test import Check, smoke


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return smoke(RegionPlan.from_json(event["plan"]), event["services"], Check.all_of(os.environ["CHECKS"]), client, ask)

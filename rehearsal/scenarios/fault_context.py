"""What a trouble is told of the restore that it troubles."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_rehearsal import Cloud
from recovery.restore.plan import Plan


@dataclass(frozen=True)
class Night:
    """One run: whose plan, and its own chance."""

    cloud: Cloud
    plan: Plan
    chance: random.Random
    stop: Callable[[], None]
    """Ends the plan's execution, as somebody with the console open would."""

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.plan.region)

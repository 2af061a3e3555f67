"""What is unproved as a metric, in CloudWatch's embedded format: one line of the function's log, and no call."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from recovery import metric
from recovery.drills.proof import Proof
from strategy.catalogue import names


def counted(found: Iterable[Proof]) -> dict[str, int]:
    """`RoutesUnproved` and `IntegrityOverdue`."""
    unproved = [each for each in found if not each.proved]
    routes = sum(each.route is not None for each in unproved)
    return {names.UNPROVED_METRIC: routes, names.OVERDUE_METRIC: len(unproved) - routes}


def embedded(found: Iterable[Proof], *, prefix: str, region: str, now: datetime) -> str:
    """By region; a day without it is a day on which nobody looked."""
    return json.dumps(metric.document(names.preflight_namespace(prefix), {"Region": region}, counted(found), now))

"""The result as a metric, in CloudWatch's embedded format: one line of the function's log, and no call."""

from __future__ import annotations

import json

from recovery import metric
from recovery.preflight.line import State
from recovery.preflight.run import Preflight
from strategy.catalogue import names

_RED, _NOT_CHECKED = "PreflightRed", "PreflightNotChecked"


def embedded(found: Preflight, prefix: str) -> str:
    """`PreflightRed` and `PreflightNotChecked`, by region; a day without either is a day without a pre-flight."""
    counts = {_RED: len(found.of(State.RED)), _NOT_CHECKED: len(found.of(State.NOT_CHECKED))}
    return json.dumps(metric.document(names.preflight_namespace(prefix), {"Region": found.region}, counts, found.now))

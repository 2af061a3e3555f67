"""CloudFormation custom resource: the first beats of a region, before alarms on their silence are made.

Properties: `FirstBeatProperties`. Without them a deployment would page: its alarms are there before the monitor looks. A beat
that CloudWatch does not show in time fails nothing; the alarm would say so. Delete does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.custom_resource import answered, properties_of
from recovery.lambda_runtime import client, log
from recovery.monitor.beat import first
from strategy.contracts.monitor import FirstBeatProperties


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id="first-beat", act=act)


def act(event: Mapping[str, Any]) -> None:
    if event["RequestType"] == "Delete":
        return
    given = properties_of(event, FirstBeatProperties)
    if not first(client("cloudwatch"), given.Prefix, given.Region, datetime.now(UTC)):
        log("CloudWatch does not show the first beat yet")

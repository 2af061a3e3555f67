"""CloudFormation custom resource: the first beats of a region, before alarms on their silence are made.

Properties: `Prefix` and `Region`. Without them a deployment would page: its alarms are there before the monitor looks. A beat
that CloudWatch does not show in time fails nothing; the alarm would say so. Delete does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, log
from recovery.handlers.custom_resource import answered
from recovery.monitor.beat import first


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id="first-beat", act=act)


def act(event: Mapping[str, Any]) -> None:
    if event["RequestType"] == "Delete":
        return
    given = event["ResourceProperties"]
    if not first(client("cloudwatch"), given["Prefix"], given["Region"], datetime.now(UTC)):
        log("CloudWatch does not show the first beat yet")

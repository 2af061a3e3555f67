"""CloudFormation custom resource: refuses to take a region's workload down while traffic is there.

Properties: `ActivationProperties`. An Update away from `true` reads the switch of this region, and fails while it says that this
region serves, or cannot be read. It is updated before anything is deleted: a refusal leaves everything as it was. Create and
Delete pass.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from recovery.custom_resource import answered, properties_of
from recovery.cutover.switch import read
from strategy.contracts.cutover import ActivationProperties

_BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


class TrafficIsHere(ValueError):
    """The workload serves customers; the message says what to do first."""


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id="activation", act=act, refusals=(TrafficIsHere,))


def act(event: Mapping[str, Any]) -> None:
    now, before = properties_of(event, ActivationProperties), event.get("OldResourceProperties", {})
    if event["RequestType"] == "Update" and before.get("Activated") == "true" and now.Activated != "true":
        refuse(boto3.client("ssm", config=_BOUNDED), now, os.environ["AWS_REGION"])


def refuse(ssm: Any, properties: ActivationProperties, region: str) -> None:
    record = read(ssm, properties.Switch)
    here = properties.Home == "true" if record is None else record.serving == region
    if here:
        raise TrafficIsHere(f"traffic is in {region}: cut over to the other region, then deactivate this one")

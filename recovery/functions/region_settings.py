"""CloudFormation custom resource: AWS Backup's settings of this region, and the service-linked roles it needs.

Properties: `ManagedResourceTypes` (types of resource, as AWS Backup names them, to opt in and to manage with advanced features)
and `ServiceRoles` (services whose own role must exist). Create and Update change only what differs; Delete changes nothing,
because the settings are the account's and others may rely on them. Always answers, with the reason when it fails.
"""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_LOG = logging.getLogger(__name__)
_BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_ANSWER_SECONDS = 10
_LONGEST_REASON = 1000
"""CloudFormation takes an answer of 4096 bytes."""


def handler(event: Mapping[str, Any], _context: object) -> None:
    try:
        if event["RequestType"] != "Delete":
            apply(event["ResourceProperties"])
    except (BotoCoreError, ClientError, KeyError, TypeError) as error:
        _LOG.exception("the settings could not be applied")
        _answer(event, status="FAILED", reason=f"{type(error).__name__}: {error}"[:_LONGEST_REASON])
    else:
        _answer(event, status="SUCCESS", reason="")


def apply(properties: Mapping[str, Any]) -> None:
    manage(boto3.client("backup", config=_BOUNDED), properties["ManagedResourceTypes"])
    ensure_roles(boto3.client("iam", config=_BOUNDED), properties["ServiceRoles"])


def manage(backup: Any, resource_types: Iterable[str]) -> None:
    """Opt the types in, with advanced features; every other type stays as it is."""
    now = backup.describe_region_settings()
    wanted = dict.fromkeys(resource_types, True)
    changes = {
        setting: wanted
        for setting in ("ResourceTypeOptInPreference", "ResourceTypeManagementPreference")
        if not wanted.items() <= (now.get(setting) or {}).items()
    }
    if changes:
        backup.update_region_settings(**changes)


def ensure_roles(iam: Any, services: Iterable[str]) -> None:
    """Make the service-linked roles that are missing. They are the account's: the other region may have made them."""
    for service in services:
        if not iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]:
            iam.create_service_linked_role(AWSServiceName=service)


def _answer(event: Mapping[str, Any], *, status: str, reason: str) -> None:
    answer = {
        "Status": status,
        "Reason": reason or "See the function's log",
        "PhysicalResourceId": event.get("PhysicalResourceId") or "backup-region-settings",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310  CloudFormation's own URL, out of CloudFormation's event
        event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    urllib.request.urlopen(request, timeout=_ANSWER_SECONDS).close()  # noqa: S310

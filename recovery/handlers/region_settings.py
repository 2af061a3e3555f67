"""CloudFormation custom resource: AWS Backup's settings of this region, and the service-linked roles it needs.

Properties: `RegionSettingsProperties`. Create and Update change only what differs; Delete changes nothing,
because the settings are the account's and others may rely on them. Always answers, with the reason when it fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import boto3
from botocore.config import Config

from recovery.custom_resource import answered, properties_of
from strategy.contracts.stores import RegionSettingsProperties

SETTLE_SECONDS = 10
"""A role that was just made is not known everywhere at once. Until it is, S3 refuses a policy that names it, and CloudFormation
makes that policy next. AWS gives no number."""
_BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id="backup-region-settings", act=act)


def act(event: Mapping[str, Any]) -> None:
    if event["RequestType"] != "Delete":
        apply(properties_of(event, RegionSettingsProperties))


def apply(properties: RegionSettingsProperties) -> None:
    manage(boto3.client("backup", config=_BOUNDED), properties.ManagedResourceTypes)
    ensure_roles(boto3.client("iam", config=_BOUNDED), properties.ServiceRoles)


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


def ensure_roles(iam: Any, services: Iterable[str], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Make the service-linked roles that are missing, and wait until they are known.

    They are the account's: the other region, which is deployed at the same time, may make them meanwhile.
    """
    made = False
    for service in services:
        if iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]:
            continue
        made = True
        try:
            iam.create_service_linked_role(AWSServiceName=service)
        except iam.exceptions.InvalidInputException as error:
            if "has been taken" not in str(error):
                raise
    if made:
        sleep(SETTLE_SECONDS)

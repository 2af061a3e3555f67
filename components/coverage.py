"""Every resource with state is protected, or left out with a live reason: asked of what was really synthesised.

Enters: the folder of a synthesised assembly and the strategy. Leaves: one line for each resource that is neither, and for each
store that should be selected and is not. Reads templates, so that it sees what CloudFormation will see, whoever made it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from components.stateful import STATEFUL
from components.stores import arn, physical_name
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import StoreKind

_NAMES = {
    "AWS::RDS::DBInstance": (StoreKind.MYSQL, "DBInstanceIdentifier"),
    "AWS::DynamoDB::GlobalTable": (StoreKind.DYNAMODB, "TableName"),
}
"""Types that a backup selection of ours can name: the kind of store, and the property with its physical name.

`AWS::DynamoDB::Table` is not among them on purpose: it cannot become a global table without being replaced.
"""


@dataclass(frozen=True)
class Resource:
    """One resource of the assembly; `path` is its construct's."""

    region: str
    path: str
    type: str
    properties: dict[str, Any]


def gaps(assembly: Path, strategy: Strategy, today: date) -> list[str]:
    """What is neither protected nor excused, one line each: type, path, and what to add."""
    resources = list(_resources(assembly))
    selected = {arn for each in resources if each.type == "AWS::Backup::BackupSelection" for arn in _selected(each)}
    stateful = [each for each in resources if each.type in STATEFUL and not _excused(each, strategy, today)]
    found = [
        f"{each.path} ({each.type}) in {each.region} has state, and is neither backed up nor excused: "
        "add it to [[stores]], or to [[exclusions]] with a reason, an owner and a review date"
        for each in stateful
        if not _protected(each, strategy, selected)
    ]
    for each in stateful:
        found += _rewound_too_little(each, strategy)
    for store in strategy.stores:
        primary = strategy.regions.primary
        wanted = arn(strategy, store, primary)
        if wanted not in selected:
            found.append(f"store {store.name!r} is not in the backup selection of {primary}: {wanted} would never be backed up")
    return found


def _protected(resource: Resource, strategy: Strategy, selected: set[str]) -> bool:
    kind, key = _NAMES.get(resource.type, (None, ""))
    if kind is None:
        return False
    name = resource.properties.get(key)
    if not isinstance(name, str):
        return False
    if names.store_arn(kind, resource.region, strategy.account, name) in selected:
        return True
    # A read replica: its source is what is backed up.
    return resource.properties.get("SourceDBInstanceIdentifier") in selected


def _rewound_too_little(resource: Resource, strategy: Strategy) -> Iterator[str]:
    """A store of the strategy whose own point-in-time recovery is off, or shorter than promised."""
    kind, key = _NAMES.get(resource.type, (None, ""))
    for store in strategy.stores:
        if store.kind != kind or resource.properties.get(key) != physical_name(strategy, store):
            continue
        days = _days(resource)
        if days < store.point_in_time.days:
            yield (
                f"{resource.path} ({resource.type}) in {resource.region} can go back {days} days by itself, and the strategy "
                f"promises {store.point_in_time.days}: set what the template has, or change point_in_time of {store.name!r}"
            )


def _days(resource: Resource) -> int:
    """Of native point-in-time recovery; of a global table, in the replica that has least."""
    if resource.type == "AWS::RDS::DBInstance":
        return int(resource.properties.get("BackupRetentionPeriod", 1))
    settings = [each.get("PointInTimeRecoverySpecification", {}) for each in resource.properties.get("Replicas", [])]
    days = [each.get("RecoveryPeriodInDays", 35) if each.get("PointInTimeRecoveryEnabled") else 0 for each in settings]
    return int(min(days, default=0))


def _excused(resource: Resource, strategy: Strategy, today: date) -> bool:
    return any(
        resource.type in exclusion.types
        and exclusion.review >= today
        and any(fnmatchcase(resource.path, pattern) for pattern in exclusion.paths)
        for exclusion in strategy.exclusions
    )


def _selected(selection: Resource) -> Iterator[str]:
    for each in selection.properties["BackupSelection"].get("Resources", []):
        if isinstance(each, str):
            yield each


def _resources(assembly: Path) -> Iterator[Resource]:
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    for artifact in manifest["artifacts"].values():
        if artifact["type"] == "cdk:cloud-assembly":  # a stage
            yield from _resources(assembly / artifact["properties"]["directoryName"])
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        region = artifact["environment"].rsplit("/", 1)[-1]
        template = json.loads((assembly / artifact["properties"]["templateFile"]).read_text(encoding="utf-8"))
        paths = _paths(assembly, artifact)
        for logical_id, resource in template.get("Resources", {}).items():
            path = paths.get(logical_id, f"{artifact.get('displayName', '')}/{logical_id}")
            yield Resource(region, path, resource["Type"], resource.get("Properties", {}))


def _paths(assembly: Path, artifact: dict[str, Any]) -> dict[str, str]:
    """Logical id → construct path, from the metadata that the CDK writes beside the templates."""
    metadata = artifact.get("metadata") or {}
    if file := artifact.get("additionalMetadataFile"):
        metadata = json.loads((assembly / file).read_text(encoding="utf-8"))
    return {
        entry["data"]: path.removeprefix("/").removesuffix("/Resource")
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId"
    }

"""Choosing a recovery point: the newest one that can really be restored, and the manifest of its moment.

Nothing is skipped in silence: every point that was passed over is listed with its reason, since at three in the morning the
question is not only what was chosen but why not the newer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_kms import KMSClient

RESOURCE_TYPES = {"mysql": "RDS", "dynamodb": "DynamoDB"}
UNUSABLE_KEYS = frozenset({"Disabled", "PendingDeletion", "PendingImport", "Unavailable"})
NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException"})


class NoUsableRecoveryPoint(Exception):
    """Nothing in the vault can be restored for a store. The message says what was looked at, `rejected` has it as values."""

    def __init__(self, message: str, rejected: tuple[Rejection, ...]) -> None:
        super().__init__(message)
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """`created` is the moment the data is of: when the backup began, not when a copy arrived."""

    arn: str
    created: datetime
    resource_type: str
    status: str
    expires: datetime | None
    key_arn: str | None
    region: str = ""
    """Of what was backed up, wherever the point lies."""


@dataclass(frozen=True, slots=True)
class Rejection:
    point: RecoveryPoint
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen point, and what was passed over because it was unusable."""

    point: RecoveryPoint
    considered: int
    rejected: tuple[Rejection, ...]


class Keys:
    """Whether a KMS key can still decrypt; each key is asked about once. A role that may not ask learns nothing."""

    def __init__(self, kms: KMSClient) -> None:
        self._kms = kms
        self._problems: dict[str, str | None] = {}

    def problem(self, arn: str) -> str | None:
        if arn not in self._problems:
            self._problems[arn] = self._ask(arn)
        return self._problems[arn]

    def _ask(self, arn: str) -> str | None:
        try:
            state = str(self._kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in NOT_ALLOWED:
                return None
            if code == "NotFoundException":
                return f"its key {arn} does not exist"
            raise
        return f"its key {arn} is {state}" if state in UNUSABLE_KEYS else None


def list_points(backup: BackupClient, vault: str, resource_arn: str) -> list[RecoveryPoint]:
    """All recovery points of a resource in a vault, newest first."""
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=vault, ByResourceArn=resource_arn
    )
    points = [as_point(described) for page in pages for described in page["RecoveryPoints"]]
    return sorted(points, key=lambda point: point.created, reverse=True)


def list_named(backup: BackupClient, vault: str, *, kind: str, name: str) -> list[RecoveryPoint]:
    """All recovery points of a vault that are of a store of that name, in whichever region and whether it was restored once."""
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=vault, ByResourceType=RESOURCE_TYPES[kind]
    )
    listed = (described for page in pages for described in page["RecoveryPoints"])
    return [as_point(each) for each in listed if names.base(re.split("[:/]", each["ResourceArn"])[-1]) == name]


def find_point(backup: BackupClient, vault: str, arn: str) -> RecoveryPoint | None:
    """A recovery point of a vault by its ARN, whatever it is of."""
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
    return next((as_point(each) for page in pages for each in page["RecoveryPoints"] if each["RecoveryPointArn"] == arn), None)


def choose(points: Iterable[RecoveryPoint], *, kind: str, store: str, vault: str, keys: Keys, now: datetime) -> Choice:
    """The newest usable of `points`. Raises NoUsableRecoveryPoint, naming each point and what is wrong with it."""
    usable, unusable = judged(points, kind=kind, keys=keys, now=now)
    rejected = tuple(unusable)
    if usable:
        return Choice(usable[0], len(usable) + len(unusable), rejected)
    listing = "; ".join(f"{r.point.arn} of {r.point.created.isoformat()}: {r.reason}" for r in rejected)
    message = f"no usable recovery point of {store} in vault {vault}: {listing or 'the vault has none of it'}"
    raise NoUsableRecoveryPoint(message, rejected)


def judged(
    points: Iterable[RecoveryPoint], *, kind: str, keys: Keys, now: datetime
) -> tuple[list[RecoveryPoint], list[Rejection]]:
    """Those that can be restored, and those that cannot; each newest first."""
    seen = sorted(points, key=lambda point: point.created, reverse=True)
    checked = [(point, _problem(point, RESOURCE_TYPES[kind], keys, now)) for point in seen]
    return [point for point, problem in checked if not problem], [Rejection(point, why) for point, why in checked if why]


def _problem(point: RecoveryPoint, resource_type: str, keys: Keys, now: datetime) -> str | None:
    """Why a point cannot be restored, if it cannot."""
    if point.status != "COMPLETED":
        return f"its status is {point.status}"
    if point.resource_type != resource_type:
        return f"it is of type {point.resource_type}, not {resource_type}"
    if point.expires is not None and point.expires <= now:
        return f"it expired at {point.expires.isoformat()}"
    return keys.problem(point.key_arn) if point.key_arn else None


def as_point(described: Any) -> RecoveryPoint:
    """As AWS lists it."""
    expires = described.get("CalculatedLifecycle", {}).get("DeleteAt")
    return RecoveryPoint(
        arn=described["RecoveryPointArn"],
        created=(described.get("InitiationDate") or described["CreationDate"]).astimezone(UTC),
        resource_type=described["ResourceType"],
        status=described["Status"],
        expires=expires.astimezone(UTC) if expires else None,
        key_arn=described.get("EncryptionKeyArn"),
        region=str(described.get("ResourceArn", ":::")).split(":")[3],
    )

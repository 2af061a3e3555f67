"""Filters and pages of the List operations."""

from __future__ import annotations

import base64
import binascii
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aws_rehearsal.backup.records import Job, RecoveryPoint
from aws_rehearsal.service import ServiceError

R = TypeVar("R", bound=Job | RecoveryPoint)

_FILTERS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "ByState": ("state", operator.eq),
    "ByStatus": ("state", operator.eq),
    "ByResourceArn": ("resource_arn", operator.eq),
    "ByResourceType": ("resource_type", operator.eq),
    "ByBackupVaultName": ("backup_vault_name", operator.eq),
    "ByDestinationVaultArn": ("destination_backup_vault_arn", operator.eq),
    "BySourceRecoveryPointArn": ("source_recovery_point_arn", operator.eq),
    "ByCreatedBefore": ("creation_date", operator.lt),
    "ByCreatedAfter": ("creation_date", operator.gt),
    "ByCompleteBefore": ("completion_date", operator.lt),
    "ByCompleteAfter": ("completion_date", operator.gt),
    "ByBackupPlanId": ("created_by", lambda creator, plan_id: creator["BackupPlanId"] == plan_id),
    "ByRestoreTestingPlanArn": ("created_by", lambda creator, arn: creator.get("RestoreTestingPlanArn") == arn),
    "ByAccountId": ("account_id", lambda account, wanted: wanted in {"*", account}),
}


def matching(records: Iterable[R], criteria: Mapping[str, Any]) -> list[R]:
    """The records that meet every `By…` criterion, newest first; a criterion nobody knows is refused."""
    found = list(records)
    for name, value in criteria.items():
        if not name.startswith("By"):
            continue
        if name not in _FILTERS:
            raise ServiceError("InvalidParameterValueException", f"the embedded AWS cannot list {name}")
        field, test = _FILTERS[name]
        # moto parses timestamps as naive UTC
        wanted = value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        found = [each for each in found if getattr(each, field) is not None and test(getattr(each, field), wanted)]
    return sorted(found, key=lambda each: each.creation_date, reverse=True)


def page(key: str, members: Sequence[Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """One page of `members` under `key`, with a NextToken when there is more."""
    start = _position(parameters.get("NextToken"))
    end = start + parameters.get("MaxResults", 1000)
    answer: dict[str, Any] = {key: list(members[start:end])}
    if end < len(members):
        answer["NextToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return answer


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError) as error:
        raise ServiceError("InvalidParameterValueException", f"Invalid NextToken: {token}") from error

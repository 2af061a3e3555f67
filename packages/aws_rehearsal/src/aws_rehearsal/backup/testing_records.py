"""Restore testing plans and selections as remembered, and what AWS infers for the restores they start."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aws_rehearsal.backup import names
from aws_rehearsal.backup.records import Record, RecoveryPoint
from aws_rehearsal.backup.restore_metadata import INFERRED, NAME, OVERRIDABLE
from aws_rehearsal.clock import Appointment
from aws_rehearsal.service import ServiceError

MARK = "awsbackup-restore-test"
"""Begins the name of what a restore test makes, and is the tag of an instance that one made."""
_NAME = re.compile(r"^\w{1,50}$", re.ASCII)


@dataclass(kw_only=True)
class TestingSelection(Record):
    """Of one type of resource. `validation_window_hours` is how long what was restored is kept for its validation."""

    restore_testing_plan_name: str
    restore_testing_selection_name: str
    creation_time: datetime
    iam_role_arn: str
    protected_resource_type: str
    protected_resource_arns: list[str] = field(default_factory=list)
    restore_metadata_overrides: dict[str, str] = field(default_factory=dict)
    validation_window_hours: int = 0
    creator_request_id: str | None = None

    @property
    def validation_window(self) -> timedelta:
        return timedelta(hours=self.validation_window_hours)

    def covers(self, point: RecoveryPoint) -> bool:
        if point.resource_type != self.protected_resource_type:
            return False
        return self.protected_resource_arns == ["*"] or point.resource_arn in self.protected_resource_arns


@dataclass(kw_only=True)
class TestingPlan(Record):
    restore_testing_plan_name: str
    restore_testing_plan_arn: str
    creation_time: datetime
    schedule_expression: str
    schedule_expression_timezone: str
    start_window_hours: int
    recovery_point_selection: dict[str, Any]
    creator_request_id: str | None = None
    last_execution_time: datetime | None = None
    last_update_time: datetime | None = None
    selections: dict[str, TestingSelection] = field(default_factory=dict)
    next_run: Appointment | None = field(default=None, compare=False)

    def takes(self, point: RecoveryPoint, now: datetime) -> bool:
        """Whether a test that starts now may take this recovery point."""
        wanted = self.recovery_point_selection
        vaults, excluded = wanted["IncludeVaults"], wanted.get("ExcludeVaults", [])
        here = ("*" in vaults or point.backup_vault_arn in vaults) and point.backup_vault_arn not in excluded
        window = timedelta(days=wanted["SelectionWindowDays"])
        return here and point.status == "COMPLETED" and point.creation_date >= now - window


def plan_arn(region: str, account: str, name: str) -> str:
    """AWS ends it in an id of its own."""
    return f"arn:aws:backup:{region}:{account}:restore-testing-plan:{name}-{names.new_id()}"


def checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise ServiceError("InvalidParameterValueException", f"{name}: letters, digits and underscores only, 50 at most")
    return name


def checked_selection(given: dict[str, Any]) -> dict[str, Any]:
    """What a restore test takes of `RecoveryPointSelection`, with AWS's defaults, or a refusal."""
    if given["Algorithm"] not in {"LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"}:
        raise ServiceError("InvalidParameterValueException", f"Algorithm {given['Algorithm']}")
    if given["RecoveryPointTypes"] != ["SNAPSHOT"]:
        raise ServiceError("InvalidParameterValueException", "the embedded AWS tests restores of SNAPSHOT recovery points only")
    days = given.get("SelectionWindowDays", 30)
    if not 1 <= days <= 365:
        raise ServiceError("InvalidParameterValueException", f"SelectionWindowDays is 1 to 365, not {days}")
    return given | {"SelectionWindowDays": days}


def checked_testing(given: dict[str, Any]) -> dict[str, Any]:
    """A `RestoreTestingSelection`, or a refusal."""
    kind, hours = given["ProtectedResourceType"], given.get("ValidationWindowHours", 0)
    if kind not in INFERRED:
        raise ServiceError("InvalidParameterValueException", f"the embedded AWS cannot test restores of {kind}")
    if given.get("ProtectedResourceConditions"):
        raise ServiceError("InvalidParameterValueException", "the embedded AWS knows no ProtectedResourceConditions")
    if not 0 <= hours <= 168:
        raise ServiceError("InvalidParameterValueException", f"ValidationWindowHours is 0 to 168, not {hours}")
    unknown = {key for key in given.get("RestoreMetadataOverrides", {}) if key.lower() not in OVERRIDABLE[kind]}
    if unknown:
        raise ServiceError("InvalidParameterValueException", f"{kind}: cannot be overridden: {', '.join(sorted(unknown))}")
    return given


def inferred(point: RecoveryPoint, overrides: dict[str, str]) -> dict[str, str]:
    """The metadata a test restores with: AWS's own, and instead what the selection says. Keys are of any case."""
    said = {key.lower() for key in overrides}
    own = INFERRED[point.resource_type] | {NAME[point.resource_type]: f"{MARK}-{uuid.uuid4()}"}
    return {key: value for key, value in own.items() if key.lower() not in said} | overrides

"""Backup plans and selections as remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aws_rehearsal.backup.records import LONGEST_RETENTION_DAYS, Record
from aws_rehearsal.clock import Appointment


@dataclass(frozen=True)
class Rule:
    """One rule of a plan: AWS's shape with AWS's defaults filled in."""

    shape: dict[str, Any]

    @property
    def rule_id(self) -> str:
        return str(self.shape["RuleId"])

    @property
    def schedule(self) -> str:
        return str(self.shape["ScheduleExpression"])

    @property
    def start_window(self) -> timedelta:
        return timedelta(minutes=self.shape["StartWindowMinutes"])

    @property
    def retention_days(self) -> int:
        return int(self.shape.get("Lifecycle", {}).get("DeleteAfterDays", LONGEST_RETENTION_DAYS))


@dataclass(kw_only=True)
class Selection(Record):
    selection_id: str
    backup_plan_id: str
    selection_name: str
    iam_role_arn: str
    creation_date: datetime
    backup_selection: dict[str, Any]
    creator_request_id: str | None = None


@dataclass(kw_only=True)
class Plan(Record):
    backup_plan_id: str
    backup_plan_arn: str
    backup_plan_name: str
    creation_date: datetime
    version_id: str
    document: dict[str, Any]
    """As it was given: the same document twice is refused."""
    rules: list[Rule]
    advanced_backup_settings: list[dict[str, Any]] | None = None
    creator_request_id: str | None = None
    deletion_date: datetime | None = None
    last_execution_date: datetime | None = None
    since: datetime
    """When this version took effect: what its rules would have done before then, they did not do."""
    selections: dict[str, Selection] = field(default_factory=dict)
    next_run: Appointment | None = None

    def creator(self, rule: Rule) -> dict[str, str]:
        """What a recovery point says of the plan and rule it comes from."""
        return {
            "BackupPlanId": self.backup_plan_id,
            "BackupPlanArn": self.backup_plan_arn,
            "BackupPlanName": self.backup_plan_name,
            "BackupPlanVersion": self.version_id,
            "BackupRuleId": rule.rule_id,
            "BackupRuleName": rule.shape["RuleName"],
            "BackupRuleCron": rule.schedule,
            "BackupRuleTimezone": rule.shape["ScheduleExpressionTimezone"],
        }

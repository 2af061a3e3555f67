"""Which rules of which plans cover a resource: AWS Backup's selections, read and applied as AWS applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from recovery.assess.holdings import Copy, LiveRule

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient

_TAG = "aws:ResourceTag/"
_START_WINDOW = 480
"""Minutes; AWS's own where a rule says none."""


@dataclass(frozen=True, slots=True)
class Selection:
    document: Mapping[str, Any]
    rules: tuple[LiveRule, ...]

    def covers(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Resources and ListOfTags add up, Conditions must all hold, NotResources are left out."""
        if any(fnmatchcase(arn, pattern) for pattern in self.document.get("NotResources") or []):
            return False
        conditions: Mapping[str, Any] = self.document.get("Conditions") or {}
        if not all(_holds(operator, each, tags) for operator, all_of in conditions.items() for each in all_of or []):
            return False
        patterns, wanted = self.document.get("Resources") or [], self.document.get("ListOfTags") or []
        if not patterns and not wanted:
            return any(conditions.values())
        return any(fnmatchcase(arn, pattern) for pattern in patterns) or any(
            tags.get(each["ConditionKey"]) == each["ConditionValue"] for each in wanted
        )


def _holds(operator: str, condition: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    value, wanted = tags.get(condition["ConditionKey"].removeprefix(_TAG)), condition["ConditionValue"]
    match operator:
        case "StringEquals":
            return value == wanted
        case "StringNotEquals":
            return value != wanted
        case "StringLike":
            return value is not None and fnmatchcase(value, wanted)
        case "StringNotLike":
            return value is None or not fnmatchcase(value, wanted)
    raise ValueError(f"AWS Backup has no condition {operator!r}")


def selections(backup: BackupClient) -> list[Selection]:
    """Of every plan in the region."""
    found = []
    for page in backup.get_paginator("list_backup_plans").paginate():
        for plan in page["BackupPlansList"]:
            document: Any = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]
            for chosen in backup.get_paginator("list_backup_selections").paginate(BackupPlanId=plan["BackupPlanId"]):
                for each in chosen["BackupSelectionsList"]:
                    selection: Any = backup.get_backup_selection(
                        BackupPlanId=plan["BackupPlanId"], SelectionId=each["SelectionId"]
                    )["BackupSelection"]
                    rules = tuple(_rule(document, rule, selection["IamRoleArn"]) for rule in document["Rules"])
                    found.append(Selection(selection, rules))
    return found


def _rule(plan: Mapping[str, Any], rule: Mapping[str, Any], role: str) -> LiveRule:
    copies = []
    for action in rule.get("CopyActions") or []:
        parts = action["DestinationBackupVaultArn"].split(":")
        copies.append(Copy(parts[3], parts[-1], _kept(action)))
    return LiveRule(
        plan=str(plan["BackupPlanName"]),
        name=str(rule["RuleName"]),
        schedule=str(rule.get("ScheduleExpression", "")),
        start_window=timedelta(minutes=rule.get("StartWindowMinutes", _START_WINDOW)),
        keep=_kept(rule),
        copies=tuple(copies),
        role=role,
    )


def _kept(rule: Mapping[str, Any]) -> timedelta | None:
    days = (rule.get("Lifecycle") or {}).get("DeleteAfterDays")
    return timedelta(days=days) if days and days > 0 else None

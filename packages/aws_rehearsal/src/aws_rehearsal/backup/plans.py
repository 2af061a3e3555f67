"""Backup plans: their rules become appointments on the calendar, and each run starts one job per selected resource."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_rehearsal import cron
from aws_rehearsal.backup import names, plan_runs
from aws_rehearsal.backup.backup_jobs import COMPLETION_WINDOW_MINUTES, START_WINDOW_MINUTES
from aws_rehearsal.backup.lifecycles import checked_continuous, checked_lifecycle
from aws_rehearsal.backup.listing import page
from aws_rehearsal.backup.plan_records import Plan, Rule
from aws_rehearsal.backup.plan_runs import Run
from aws_rehearsal.backup.restore_jobs import RestoreJobOperations
from aws_rehearsal.backup.selections import selected
from aws_rehearsal.service import ServiceError

_RULE_NAME = re.compile(r"^[a-zA-Z0-9\-_.]{1,50}$")
_DEFAULTS = {
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "StartWindowMinutes": START_WINDOW_MINUTES,
    "CompletionWindowMinutes": COMPLETION_WINDOW_MINUTES,
}
_SHORTEST_WINDOW_MINUTES = 60
_MOST_RULES = 10
_PROBE = datetime(2026, 1, 1, tzinfo=UTC)
_NOT_MODELLED = ("EnableContinuousBackup", "TargetLogicallyAirGappedBackupVaultArn", "IndexActions", "ScanActions")


class PlanOperations(RestoreJobOperations):
    # ------------------------------------------------------------------ the calendar
    def schedule_plan(self, region: str, plan: Plan) -> None:
        """Put the plan's next run on the calendar, in place of the one that was there."""
        self.unschedule(plan)
        run = next(plan_runs.upcoming(plan.rules, self.clock.now(), since=plan.since), None)
        if run is not None and plan.deletion_date is None:
            plan.next_run = self.clock.call_at(run.moment, lambda: self._run(region, plan, run), leap=False)

    @staticmethod
    def unschedule(plan: Plan) -> None:
        if plan.next_run is not None:
            plan.next_run.cancel()
            plan.next_run = None

    def _run(self, region: str, plan: Plan, run: Run) -> None:
        with self.lock:
            if self.books(region).plans.get(plan.backup_plan_id) is not plan or plan.deletion_date is not None:
                return
            plan.last_execution_date = run.moment
            self.schedule_plan(region, plan)
            selections = list(plan.selections.values())
        rule = run.rule.shape
        started: set[str] = set()
        for selection in selections:
            opted_in = self.books(region).opted_in
            for resource_arn in selected(selection.backup_selection, region, self.kinds(), opted_in):
                if resource_arn in started:
                    continue
                started.add(resource_arn)
                self.create_backup_job(
                    region,
                    resource_arn=resource_arn,
                    vault_name=rule["TargetBackupVaultName"],
                    role_arn=selection.iam_role_arn,
                    lifecycle=rule.get("Lifecycle", {}),
                    start_window=rule["StartWindowMinutes"],
                    completion_window=rule["CompletionWindowMinutes"],
                    tags=rule.get("RecoveryPointTags", {}),
                    copy_actions=rule.get("CopyActions", []),
                    created_by=plan.creator(run.rule),
                )

    # ------------------------------------------------------------------ operations
    def create_backup_plan(
        self,
        region: str,
        *,
        BackupPlan: dict[str, Any],
        BackupPlanTags: dict[str, str] | None = None,
        CreatorRequestId: str | None = None,
    ) -> dict[str, Any]:
        books = self.books(region)
        if any(each.document == BackupPlan and each.deletion_date is None for each in books.plans.values()):
            raise ServiceError("AlreadyExistsException", "Backup plan with the same plan document is already created")
        plan_id, now = names.new_id(), self.clock.now()
        plan = Plan(
            backup_plan_id=plan_id,
            backup_plan_arn=names.plan_arn(region, self.account, plan_id),
            backup_plan_name=BackupPlan["BackupPlanName"],
            creation_date=now,
            version_id=names.new_id(),
            document=BackupPlan,
            rules=_rules(BackupPlan),
            advanced_backup_settings=BackupPlan.get("AdvancedBackupSettings"),
            creator_request_id=CreatorRequestId,
            since=now,
        )
        books.plans[plan_id] = plan
        books.tags[plan.backup_plan_arn] = BackupPlanTags or {}
        self.schedule_plan(region, plan)
        return plan.describe()

    def update_backup_plan(self, region: str, *, BackupPlanId: str, BackupPlan: dict[str, Any]) -> dict[str, Any]:
        plan = self.plan(region, BackupPlanId)
        plan.rules = _rules(BackupPlan)
        plan.document = BackupPlan
        plan.backup_plan_name = BackupPlan["BackupPlanName"]
        plan.advanced_backup_settings = BackupPlan.get("AdvancedBackupSettings")
        plan.version_id, plan.since = names.new_id(), self.clock.now()
        self.schedule_plan(region, plan)
        return plan.describe()

    def get_backup_plan(
        self, region: str, *, BackupPlanId: str, VersionId: str | None = None, MaxScheduledRunsPreview: int = 0
    ) -> dict[str, Any]:
        plan = self.plan(region, BackupPlanId)
        if VersionId not in {None, plan.version_id}:
            raise ServiceError("ResourceNotFoundException", f"the embedded AWS keeps no earlier version of {BackupPlanId}")
        runs = plan_runs.upcoming(plan.rules, self.clock.now(), since=plan.since)
        preview = [
            {"ExecutionTime": run.moment, "RuleId": run.rule.rule_id, "RuleExecutionType": "SNAPSHOTS"}
            for run in itertools.islice(runs, MaxScheduledRunsPreview)
        ]
        document = plan.document | {"Rules": [rule.shape for rule in plan.rules]}
        return plan.describe() | {"BackupPlan": document, "ScheduledRunsPreview": preview or None}

    def list_backup_plans(self, region: str, *, IncludeDeleted: bool = False, **parameters: Any) -> dict[str, Any]:
        plans = self.books(region).plans.values()
        found = [each.describe() for each in plans if IncludeDeleted or each.deletion_date is None]
        return page("BackupPlansList", found, parameters)

    def list_backup_plan_versions(self, region: str, *, BackupPlanId: str, **parameters: Any) -> dict[str, Any]:
        """The newest version only: earlier ones are not kept."""
        plan = self.plan(region, BackupPlanId)
        return page("BackupPlanVersionsList", [plan.describe() | {"CreationDate": plan.since}], parameters)

    def delete_backup_plan(self, region: str, *, BackupPlanId: str) -> dict[str, Any]:
        plan = self.plan(region, BackupPlanId)
        if plan.selections:
            raise ServiceError(
                "InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion"
            )
        plan.deletion_date = self.clock.now()
        self.unschedule(plan)
        return plan.describe()

    def plan(self, region: str, plan_id: str) -> Plan:
        plan = self.books(region).plans.get(plan_id)
        if plan is None or plan.deletion_date is not None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find backup plan {plan_id}")
        return plan


def _rules(document: dict[str, Any]) -> list[Rule]:
    """The rules of a plan document with AWS's defaults; refuses what AWS refuses, and what is not modelled."""
    rules = [_rule(shape) for shape in document["Rules"]]
    rule_names = [rule.shape["RuleName"] for rule in rules]
    if not 1 <= len(rules) <= _MOST_RULES or len(set(rule_names)) < len(rule_names):
        raise _invalid(f"a backup plan has 1 to {_MOST_RULES} rules with different names, not {rule_names}")
    return rules


def _rule(given: dict[str, Any]) -> Rule:
    shape: dict[str, Any] = _DEFAULTS | given | {"RuleId": names.new_id()}
    name = shape["RuleName"]
    if not _RULE_NAME.match(name):
        raise _invalid(f"Invalid rule name: {name}")
    if shape.get("EnableContinuousBackup"):
        checked_continuous(name, shape.get("Lifecycle") or {})
    shape["Lifecycle"] = checked_lifecycle(shape.get("Lifecycle"))
    for key in _NOT_MODELLED:
        if shape.get(key):
            raise _invalid(f"{name}: the embedded AWS does not model {key}")
    if shape["ScheduleExpressionTimezone"] not in {"UTC", "Etc/UTC"}:
        raise _invalid(f"{name}: the embedded AWS runs schedules in UTC, not {shape['ScheduleExpressionTimezone']}")
    if shape["StartWindowMinutes"] < _SHORTEST_WINDOW_MINUTES:
        raise _invalid(f"{name}: StartWindowMinutes must be at least {_SHORTEST_WINDOW_MINUTES}")
    if shape["CompletionWindowMinutes"] <= shape["StartWindowMinutes"]:
        raise _invalid(f"{name}: CompletionWindowMinutes must be more than StartWindowMinutes")
    shape["CopyActions"] = [_copy_action(each) for each in shape.get("CopyActions", [])]
    rule = Rule(shape)
    try:
        next(cron.runs(rule.schedule, _PROBE, _PROBE + timedelta(days=1)), None)
    except ValueError as error:
        raise _invalid(f"{name}: {error}") from error
    return rule


def _copy_action(given: dict[str, Any]) -> dict[str, Any]:
    """A copy without a lifecycle of its own does not get the backup's: it is kept for ever.

    Seen on AWS: github.com/hashicorp/terraform-provider-aws/issues/37862.
    """
    names.region_of(given["DestinationBackupVaultArn"])
    return given | {"Lifecycle": checked_lifecycle(given.get("Lifecycle"))}


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", message)

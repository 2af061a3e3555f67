"""Restore testing: on the calendar, the newest recovery point of each protected resource is restored, and later deleted again.

What a test restored is kept for its validation window, or until its result is put, whichever is first; without a result the
validation times out. AWS spreads the starts over the start window; here they start at once.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal.backup import names
from aws_rehearsal.backup.listing import page
from aws_rehearsal.backup.records import RecoveryPoint, RestoreJob
from aws_rehearsal.backup.selection_operations import SelectionOperations
from aws_rehearsal.backup.testing_records import (
    MARK,
    TestingPlan,
    TestingSelection,
    checked_name,
    checked_selection,
    checked_testing,
    inferred,
    plan_arn,
)
from aws_rehearsal.events.scheduled_rules import next_run
from aws_rehearsal.service import ServiceError

_RESULTS = frozenset({"FAILED", "SUCCESSFUL", "TIMED_OUT", "VALIDATING"})
_DECIDED = _RESULTS - {"VALIDATING"}


class RestoreTestOperations(SelectionOperations):
    # ------------------------------------------------------------------ the calendar
    def _plan_test(self, region: str, plan: TestingPlan) -> None:
        self.cancel_test(plan)
        moment = next_run(plan.schedule_expression, self.clock.now())
        if moment is not None:
            plan.next_run = self.clock.call_at(moment, lambda: self._test(region, plan), leap=False)

    @staticmethod
    def cancel_test(plan: TestingPlan) -> None:
        if plan.next_run is not None:
            plan.next_run.cancel()
            plan.next_run = None

    def _test(self, region: str, plan: TestingPlan) -> None:
        now = self.clock.now()
        with self.lock:
            if self.books(region).testing_plans.get(plan.restore_testing_plan_name) is not plan:
                return
            plan.last_execution_time = now
            self._plan_test(region, plan)
            fit = [point for point in self.points(region) if plan.takes(point, now)]
            for selection in plan.selections.values():
                for point in _chosen(plan, [point for point in fit if selection.covers(point)]):
                    self._start_test(region, plan, selection, point)

    def _start_test(self, region: str, plan: TestingPlan, selection: TestingSelection, point: RecoveryPoint) -> None:
        self.begin(
            RestoreJob(
                **self.restore_of(region, point),
                iam_role_arn=selection.iam_role_arn,
                metadata=inferred(point, selection.restore_metadata_overrides),
                copy_tags=False,
                tags={MARK: plan.restore_testing_plan_name} if point.resource_type == "RDS" else {},
                created_by={"RestoreTestingPlanArn": plan.restore_testing_plan_arn},
                validation_window=selection.validation_window,
            ),
            point,
        )

    # ------------------------------------------------------------------ what becomes of a tested restore
    def restored(self, job: RestoreJob) -> None:
        """Wait for the validation's result as long as the window is open."""
        if job.validation_window is None:
            return
        job.validation_status = "VALIDATING"
        self.clock.call_after(job.validation_window, lambda: self._decide(job, "TIMED_OUT", None), leap=False)

    def _decide(self, job: RestoreJob, status: str, message: str | None) -> None:
        with self.lock:
            if job.validation_status in _DECIDED or job.region in self.lost_regions:
                return
            job.validation_status, job.validation_status_message = status, message
            job.deletion_status = "DELETING"
        self.clock.call_after(timedelta(0), lambda: self._delete_restored(job))

    def _delete_restored(self, job: RestoreJob) -> None:
        if job.region in self.lost_regions:
            return
        try:
            self.kind_of(job.resource_arn).delete_restored(job.created_resource_arn or "")
        except ClientError as error:
            job.deletion_status, job.deletion_status_message = "FAILED", str(error)
        else:
            job.deletion_status = "SUCCESSFUL"

    def put_restore_validation_result(
        self, region: str, *, RestoreJobId: str, ValidationStatus: str, ValidationStatusMessage: str | None = None
    ) -> None:
        """Once a result is set it cannot be changed."""
        job = self.restore_job(region, RestoreJobId)
        if ValidationStatus not in _RESULTS:
            raise ServiceError("InvalidParameterValueException", f"Invalid validation status: {ValidationStatus}")
        if job.validation_window is None or job.state != "COMPLETED":
            raise ServiceError("InvalidRequestException", f"Restore job {RestoreJobId} is no completed restore test")
        if job.validation_status in _DECIDED:
            raise ServiceError("InvalidRequestException", f"The validation result of {RestoreJobId} cannot be changed")
        if ValidationStatus in _DECIDED:
            self._decide(job, ValidationStatus, ValidationStatusMessage)

    # ------------------------------------------------------------------ plans
    def create_restore_testing_plan(
        self,
        region: str,
        *,
        RestoreTestingPlan: dict[str, Any],
        CreatorRequestId: str | None = None,
        Tags: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        name = checked_name(RestoreTestingPlan["RestoreTestingPlanName"])
        plans = self.books(region).testing_plans
        if name in plans:
            raise ServiceError("AlreadyExistsException", f"Restore testing plan {name} already exists")
        plan = TestingPlan(
            restore_testing_plan_name=name,
            restore_testing_plan_arn=plan_arn(region, self.account, name),
            creation_time=self.clock.now(),
            schedule_expression=RestoreTestingPlan["ScheduleExpression"],
            schedule_expression_timezone=RestoreTestingPlan.get("ScheduleExpressionTimezone", "Etc/UTC"),
            start_window_hours=RestoreTestingPlan.get("StartWindowHours", 24),
            recovery_point_selection=checked_selection(RestoreTestingPlan["RecoveryPointSelection"]),
            creator_request_id=CreatorRequestId,
        )
        self._plan_test(region, plan)
        plans[name] = plan
        self.books(region).tags[plan.restore_testing_plan_arn] = dict(Tags or {})
        return plan.describe()

    def update_restore_testing_plan(
        self, region: str, *, RestoreTestingPlanName: str, RestoreTestingPlan: dict[str, Any]
    ) -> dict[str, Any]:
        plan = self._testing_plan(region, RestoreTestingPlanName)
        if selection := RestoreTestingPlan.get("RecoveryPointSelection"):
            plan.recovery_point_selection = checked_selection(selection)
        plan.schedule_expression = RestoreTestingPlan.get("ScheduleExpression", plan.schedule_expression)
        plan.start_window_hours = RestoreTestingPlan.get("StartWindowHours", plan.start_window_hours)
        plan.last_update_time = self.clock.now()
        self._plan_test(region, plan)
        return plan.describe() | {"UpdateTime": plan.last_update_time}

    def get_restore_testing_plan(self, region: str, *, RestoreTestingPlanName: str) -> dict[str, Any]:
        return {"RestoreTestingPlan": self._testing_plan(region, RestoreTestingPlanName).describe()}

    def list_restore_testing_plans(self, region: str, **parameters: Any) -> dict[str, Any]:
        plans = [plan.describe() for plan in self.books(region).testing_plans.values()]
        return page("RestoreTestingPlans", plans, parameters)

    def delete_restore_testing_plan(self, region: str, *, RestoreTestingPlanName: str) -> None:
        plan = self.books(region).testing_plans.get(RestoreTestingPlanName)
        if plan is None:
            return
        if plan.selections:
            raise ServiceError("InvalidRequestException", f"{RestoreTestingPlanName} has selections")
        self.cancel_test(plan)
        del self.books(region).testing_plans[RestoreTestingPlanName]

    # ------------------------------------------------------------------ selections
    def create_restore_testing_selection(
        self,
        region: str,
        *,
        RestoreTestingPlanName: str,
        RestoreTestingSelection: dict[str, Any],
        CreatorRequestId: str | None = None,
    ) -> dict[str, Any]:
        plan = self._testing_plan(region, RestoreTestingPlanName)
        given = checked_testing(RestoreTestingSelection)
        name = checked_name(given["RestoreTestingSelectionName"])
        if name in plan.selections:
            raise ServiceError("AlreadyExistsException", f"Restore testing selection {name} already exists")
        plan.selections[name] = TestingSelection(
            restore_testing_plan_name=RestoreTestingPlanName,
            restore_testing_selection_name=name,
            creation_time=self.clock.now(),
            iam_role_arn=given["IamRoleArn"],
            protected_resource_type=given["ProtectedResourceType"],
            protected_resource_arns=given.get("ProtectedResourceArns", ["*"]),
            restore_metadata_overrides=given.get("RestoreMetadataOverrides", {}),
            validation_window_hours=given.get("ValidationWindowHours", 0),
            creator_request_id=CreatorRequestId,
        )
        return plan.selections[name].describe() | {"RestoreTestingPlanArn": plan.restore_testing_plan_arn}

    def update_restore_testing_selection(
        self,
        region: str,
        *,
        RestoreTestingPlanName: str,
        RestoreTestingSelectionName: str,
        RestoreTestingSelection: dict[str, Any],
    ) -> dict[str, Any]:
        plan = self._testing_plan(region, RestoreTestingPlanName)
        now = self._testing_selection(region, RestoreTestingPlanName, RestoreTestingSelectionName)
        given = checked_testing({"ProtectedResourceType": now.protected_resource_type} | RestoreTestingSelection)
        now.iam_role_arn = given.get("IamRoleArn", now.iam_role_arn)
        now.protected_resource_arns = given.get("ProtectedResourceArns", now.protected_resource_arns)
        now.restore_metadata_overrides = given.get("RestoreMetadataOverrides", now.restore_metadata_overrides)
        now.validation_window_hours = given.get("ValidationWindowHours", now.validation_window_hours)
        return now.describe() | {"RestoreTestingPlanArn": plan.restore_testing_plan_arn, "UpdateTime": self.clock.now()}

    def get_restore_testing_selection(
        self, region: str, *, RestoreTestingPlanName: str, RestoreTestingSelectionName: str
    ) -> dict[str, Any]:
        found = self._testing_selection(region, RestoreTestingPlanName, RestoreTestingSelectionName)
        return {"RestoreTestingSelection": found.describe()}

    def list_restore_testing_selections(self, region: str, *, RestoreTestingPlanName: str, **parameters: Any) -> dict[str, Any]:
        found = [each.describe() for each in self._testing_plan(region, RestoreTestingPlanName).selections.values()]
        return page("RestoreTestingSelections", found, parameters)

    def delete_restore_testing_selection(
        self, region: str, *, RestoreTestingPlanName: str, RestoreTestingSelectionName: str
    ) -> None:
        self._testing_selection(region, RestoreTestingPlanName, RestoreTestingSelectionName)
        del self._testing_plan(region, RestoreTestingPlanName).selections[RestoreTestingSelectionName]

    def get_restore_testing_inferred_metadata(
        self, region: str, *, BackupVaultName: str, RecoveryPointArn: str, **_: Any
    ) -> dict[str, Any]:
        return {"InferredMetadata": inferred(self.point(region, BackupVaultName, RecoveryPointArn), {})}

    def _testing_plan(self, region: str, name: str) -> TestingPlan:
        plan = self.books(region).testing_plans.get(name)
        if plan is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find restore testing plan {name}")
        return plan

    def _testing_selection(self, region: str, plan: str, name: str) -> TestingSelection:
        selection = self._testing_plan(region, plan).selections.get(name)
        if selection is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find restore testing selection {name} of {plan}")
        return selection


def _chosen(plan: TestingPlan, points: list[RecoveryPoint]) -> list[RecoveryPoint]:
    """One recovery point of each protected resource; a copy is known by its source."""
    of: dict[str, list[RecoveryPoint]] = {}
    for point in points:
        of.setdefault(point.resource_arn, []).append(point)
    if plan.recovery_point_selection["Algorithm"] == "LATEST_WITHIN_WINDOW":
        return [max(each, key=lambda point: point.creation_date) for each in of.values()]
    return [random.Random(names.name_of(arn)).choice(each) for arn, each in of.items()]

"""Operations on the selections of a plan."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.backup import names
from aws_rehearsal.backup.listing import page
from aws_rehearsal.backup.plan_records import Selection
from aws_rehearsal.backup.plans import PlanOperations
from aws_rehearsal.service import ServiceError


class SelectionOperations(PlanOperations):
    def create_backup_selection(
        self, region: str, *, BackupPlanId: str, BackupSelection: dict[str, Any], CreatorRequestId: str | None = None
    ) -> dict[str, Any]:
        plan = self.plan(region, BackupPlanId)
        name = BackupSelection["SelectionName"]
        if any(each.selection_name == name for each in plan.selections.values()):
            raise ServiceError("AlreadyExistsException", f"Backup selection {name} already exists in plan {BackupPlanId}")
        if not any(BackupSelection.get(key) for key in ("Resources", "ListOfTags", "Conditions")):
            raise ServiceError("InvalidParameterValueException", f"Backup selection {name} selects nothing")
        for arn in BackupSelection.get("Resources") or []:
            if "*" not in arn:
                self.kind_of(arn)
        selection = Selection(
            selection_id=names.new_id(),
            backup_plan_id=BackupPlanId,
            selection_name=name,
            iam_role_arn=BackupSelection["IamRoleArn"],
            creation_date=self.clock.now(),
            backup_selection=BackupSelection,
            creator_request_id=CreatorRequestId,
        )
        plan.selections[selection.selection_id] = selection
        return selection.describe()

    def get_backup_selection(self, region: str, *, BackupPlanId: str, SelectionId: str) -> dict[str, Any]:
        return self._selection(region, BackupPlanId, SelectionId).describe()

    def list_backup_selections(self, region: str, *, BackupPlanId: str, **parameters: Any) -> dict[str, Any]:
        found = [each.describe() for each in self.plan(region, BackupPlanId).selections.values()]
        return page("BackupSelectionsList", found, parameters)

    def delete_backup_selection(self, region: str, *, BackupPlanId: str, SelectionId: str) -> None:
        del self.plan(region, BackupPlanId).selections[self._selection(region, BackupPlanId, SelectionId).selection_id]

    def _selection(self, region: str, plan_id: str, selection_id: str) -> Selection:
        selection = self.plan(region, plan_id).selections.get(selection_id)
        if selection is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find backup selection {selection_id}")
        return selection

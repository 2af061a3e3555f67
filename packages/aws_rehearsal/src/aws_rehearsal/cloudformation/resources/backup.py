"""AWS Backup: vaults, plans and selections, and the plans and selections of restore tests."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tag_map


class BackupVault(Handler):
    type = "AWS::Backup::BackupVault"

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties["BackupVaultName"]
        answer = context.client("backup").create_backup_vault(
            BackupVaultName=name, BackupVaultTags=tag_map(properties, "BackupVaultTags"), **properties.pick("EncryptionKeyArn")
        )
        context.started(name)
        self._configure(context, name, properties)
        return Physical(name, {"BackupVaultName": name, "BackupVaultArn": answer["BackupVaultArn"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        backup = context.client("backup")
        for name, remove in (
            ("AccessPolicy", backup.delete_backup_vault_access_policy),
            ("LockConfiguration", backup.delete_backup_vault_lock_configuration),
            ("Notifications", backup.delete_backup_vault_notifications),
        ):
            if name in old and name not in new:
                remove(BackupVaultName=physical.id)
        _retag(backup, physical.attributes["BackupVaultArn"], old, new, "BackupVaultTags")
        self._configure(context, physical.id, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("backup").delete_backup_vault(BackupVaultName=physical.id)

    def _configure(self, context: Context, name: str, properties: Properties) -> None:
        backup = context.client("backup")
        if policy := properties.get("AccessPolicy"):
            text = policy if isinstance(policy, str) else json.dumps(policy)
            backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=text)
        if lock := properties.get("LockConfiguration"):
            backup.put_backup_vault_lock_configuration(BackupVaultName=name, **lock)
        if notifications := properties.get("Notifications"):
            backup.put_backup_vault_notifications(BackupVaultName=name, **notifications)


class BackupPlan(Handler):
    type = "AWS::Backup::BackupPlan"

    def create(self, context: Context, properties: Properties) -> Physical:
        answer = context.client("backup").create_backup_plan(
            BackupPlan=_plan(properties["BackupPlan"]), BackupPlanTags=tag_map(properties, "BackupPlanTags")
        )
        return self._physical(answer)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        backup = context.client("backup")
        _retag(backup, physical.attributes["BackupPlanArn"], old, new, "BackupPlanTags")
        return self._physical(backup.update_backup_plan(BackupPlanId=physical.id, BackupPlan=_plan(new["BackupPlan"])))

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("backup").delete_backup_plan(BackupPlanId=physical.id)

    def _physical(self, answer: dict[str, Any]) -> Physical:
        attributes = {name: answer[name] for name in ("BackupPlanArn", "BackupPlanId", "VersionId")}
        return Physical(answer["BackupPlanId"], attributes)


class BackupSelection(Handler):
    """Every property is create-only: an update is a replacement."""

    type = "AWS::Backup::BackupSelection"

    def create(self, context: Context, properties: Properties) -> Physical:
        plan, given = properties["BackupPlanId"], dict(properties["BackupSelection"])
        given["ListOfTags"] = [_as_api(tag) for tag in given.get("ListOfTags", [])]
        answer = context.client("backup").create_backup_selection(BackupPlanId=plan, BackupSelection=given)
        identifier = f"{answer['SelectionId']}_{plan}"
        return Physical(identifier, {"Id": identifier, "SelectionId": answer["SelectionId"], "BackupPlanId": plan})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        selection = physical.id.removesuffix(f"_{properties['BackupPlanId']}")
        context.client("backup").delete_backup_selection(BackupPlanId=properties["BackupPlanId"], SelectionId=selection)


class RestoreTestingPlan(Handler):
    type = "AWS::Backup::RestoreTestingPlan"

    def create(self, context: Context, properties: Properties) -> Physical:
        wanted = properties.pick("RestoreTestingPlanName", *_TESTING_PLAN)
        answer = context.client("backup").create_restore_testing_plan(RestoreTestingPlan=wanted, Tags=tag_map(properties))
        return self._physical(answer)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        backup = context.client("backup")
        _retag(backup, physical.attributes["RestoreTestingPlanArn"], old, new, "Tags")
        wanted = new.pick(*_TESTING_PLAN)
        return self._physical(backup.update_restore_testing_plan(RestoreTestingPlanName=physical.id, RestoreTestingPlan=wanted))

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("backup").delete_restore_testing_plan(RestoreTestingPlanName=physical.id)

    def _physical(self, answer: dict[str, Any]) -> Physical:
        name, arn = answer["RestoreTestingPlanName"], answer["RestoreTestingPlanArn"]
        return Physical(name, {"RestoreTestingPlanName": name, "RestoreTestingPlanArn": arn})


class RestoreTestingSelection(Handler):
    type = "AWS::Backup::RestoreTestingSelection"

    def create(self, context: Context, properties: Properties) -> Physical:
        plan, name = properties["RestoreTestingPlanName"], properties["RestoreTestingSelectionName"]
        wanted = properties.pick("RestoreTestingSelectionName", "ProtectedResourceType", *_TESTING_SELECTION)
        context.client("backup").create_restore_testing_selection(RestoreTestingPlanName=plan, RestoreTestingSelection=wanted)
        return Physical(f"{plan}|{name}")

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        plan, name = physical.id.split("|")
        context.client("backup").update_restore_testing_selection(
            RestoreTestingPlanName=plan,
            RestoreTestingSelectionName=name,
            RestoreTestingSelection=new.pick(*_TESTING_SELECTION),
        )
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        plan, name = physical.id.split("|")
        context.client("backup").delete_restore_testing_selection(RestoreTestingPlanName=plan, RestoreTestingSelectionName=name)


_TESTING_PLAN = ("RecoveryPointSelection", "ScheduleExpression", "ScheduleExpressionTimezone", "StartWindowHours")
_TESTING_SELECTION = ("IamRoleArn", "ProtectedResourceArns", "RestoreMetadataOverrides", "ValidationWindowHours")


def _as_api(tag: dict[str, Any]) -> dict[str, Any]:
    return {name: tag[name] for name in ("ConditionType", "ConditionKey", "ConditionValue")}


def _plan(given: dict[str, Any]) -> dict[str, Any]:
    """The template says `BackupPlanRule` and `TargetBackupVault` where the API says `Rules` and `TargetBackupVaultName`."""
    plan = {name: value for name, value in given.items() if name != "BackupPlanRule"}
    renamed = {"TargetBackupVault": "TargetBackupVaultName"}
    plan["Rules"] = [{renamed.get(name, name): value for name, value in rule.items()} for rule in given["BackupPlanRule"]]
    return plan


def _retag(backup: Any, arn: str, old: Properties, new: Properties, name: str) -> None:
    if stale := list(tag_map(old, name)):
        backup.untag_resource(ResourceArn=arn, TagKeyList=stale)
    if labels := tag_map(new, name):
        backup.tag_resource(ResourceArn=arn, Tags=labels)

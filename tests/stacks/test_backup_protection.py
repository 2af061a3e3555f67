"""What protects the recovery points: who may delete them, who may change that, and that nothing stops a copy or a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from strategy.catalogue import names
from strategy.model.backup_plan import Lock
from tests.stacks.assembly import Assembly, Resource, Synthesise
from tests.stacks.policies import denied

DELETION = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
)
CHANGE = ("backup:PutBackupVaultAccessPolicy", "backup:PutBackupVaultLockConfiguration")
USE = (
    "backup:CopyFromBackupVault",
    "backup:CopyIntoBackupVault",
    "backup:DescribeRecoveryPoint",
    "backup:GetRecoveryPointRestoreMetadata",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:StartBackupJob",
    "backup:StartCopyJob",
    "backup:StartRestoreJob",
)
AUDITED = {"backup:DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy", "backup:UpdateRecoveryPointLifecycle"}


@pytest.fixture(params=["primary", "recovery"])
def region(request: pytest.FixtureRequest, assembly: Assembly) -> str:
    region: str = getattr(assembly.strategy.regions, request.param)
    return region


@pytest.fixture
def callers(assembly: Assembly, region: str) -> dict[str, str]:
    account = assembly.strategy.account
    return {
        "administrator": f"arn:aws:iam::{account}:role/Administrator",
        "root": f"arn:aws:iam::{account}:root",
        "break-glass": assembly.strategy.vault.break_glass,
        "deployment": names.deployment_role_arn(region, account),
        "stranger": "arn:aws:iam::999999999999:role/break-glass",
    }


def properties(assembly: Assembly, kind: str, region: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in backup(assembly, region).values() if each["Type"] == kind]


def backup(assembly: Assembly, region: str) -> dict[str, Resource]:
    resources: dict[str, Resource] = assembly.template("backup", region)["Resources"]
    return resources


@pytest.mark.proves("vaults.deletion")
def test_only_break_glass_deletes_what_a_vault_holds(assembly: Assembly, region: str, callers: dict[str, str]) -> None:
    vaults = properties(assembly, "AWS::Backup::BackupVault", region)
    assert {vault["BackupVaultName"] for vault in vaults} == {
        names.backup_vault(assembly.strategy.prefix),
        names.copy_vault(assembly.strategy.prefix),
    }
    for vault in vaults:
        for action in DELETION:
            refused = [who for who, arn in callers.items() if denied(vault["AccessPolicy"], action=action, aws_PrincipalArn=arn)]
            assert refused == ["administrator", "root", "deployment", "stranger"], action


@pytest.mark.proves("vaults.deletion")
def test_only_break_glass_and_cloudformation_change_the_policy(assembly: Assembly, region: str, callers: dict[str, str]) -> None:
    for vault in properties(assembly, "AWS::Backup::BackupVault", region):
        for action in CHANGE:
            refused = [who for who, arn in callers.items() if denied(vault["AccessPolicy"], action=action, aws_PrincipalArn=arn)]
            assert refused == ["administrator", "root", "stranger"], action


def test_the_exempt_deployment_role_is_the_one_that_deploys(assembly: Assembly, region: str) -> None:
    manifest = json.loads((assembly.directory / "manifest.json").read_text())["artifacts"]
    stack = manifest[names.stack_id(assembly.strategy.prefix, "backup", region)]["properties"]
    role = stack["cloudFormationExecutionRoleArn"].replace("${AWS::Partition}", "aws")
    assert role == names.deployment_role_arn(region, assembly.strategy.account)


@pytest.mark.proves("vaults.deletion")
def test_nobody_is_denied_a_backup_a_copy_or_a_restore(assembly: Assembly, region: str, callers: dict[str, str]) -> None:
    for vault in properties(assembly, "AWS::Backup::BackupVault", region):
        for action in USE:
            assert not any(denied(vault["AccessPolicy"], action=action, aws_PrincipalArn=arn) for arn in callers.values())
            assert not denied(vault["AccessPolicy"], action=action)  # AWS Backup itself


def test_audit_manager_finds_the_statement_it_looks_for(assembly: Assembly, region: str) -> None:
    for vault in properties(assembly, "AWS::Backup::BackupVault", region):
        (statement,) = [each for each in vault["AccessPolicy"]["Statement"] if set(each["Action"]) >= AUDITED]
        assert (statement["Effect"], statement["Principal"], statement["Resource"]) == ("Deny", {"AWS": "*"}, "*")


def test_vault_policies_name_every_action(assembly: Assembly, region: str) -> None:
    """AWS Backup takes no wildcard among the actions."""
    for vault in properties(assembly, "AWS::Backup::BackupVault", region):
        assert "*" not in str([statement["Action"] for statement in vault["AccessPolicy"]["Statement"]])


@pytest.mark.proves("vaults.key-deletion")
def test_only_break_glass_ends_a_key(assembly: Assembly, region: str, callers: dict[str, str]) -> None:
    keys = properties(assembly, "AWS::KMS::Key", region)
    assert keys
    for key in keys:
        signs = key.get("KeyUsage") == "SIGN_VERIFY"  # such a key has one material for life: KMS rotates none
        assert signs or key["EnableKeyRotation"]
        policy = key["KeyPolicy"]
        for action in ("kms:ScheduleKeyDeletion", "kms:DisableKey"):
            refused = [who for who, arn in callers.items() if denied(policy, action=action, aws_PrincipalArn=arn)]
            assert refused == ["administrator", "root", "deployment", "stranger"], action
        changing = [who for who, arn in callers.items() if denied(policy, action="kms:PutKeyPolicy", aws_PrincipalArn=arn)]
        assert changing == ["administrator", "root", "stranger"]
        for action in ("kms:Decrypt", "kms:CreateGrant", "kms:GenerateDataKey"):
            assert not denied(policy, action=action, aws_PrincipalArn=callers["administrator"])


@pytest.mark.proves("vaults.key-deletion")
@pytest.mark.parametrize(
    ("service", "call", "told"),
    [
        ("kms", "ScheduleKeyDeletion", True),
        ("kms", "DisableKey", True),
        ("kms", "PutKeyPolicy", True),
        ("kms", "Decrypt", False),
        ("backup", "DeleteRecoveryPoint", True),
        ("backup", "PutBackupVaultAccessPolicy", True),
        ("backup", "DeleteBackupVaultLockConfiguration", True),
        ("backup", "StartRestoreJob", False),
        ("s3", "DisableKey", False),
    ],
)
def test_people_are_told_of_the_attempt(assembly: Assembly, region: str, service: str, call: str, told: bool) -> None:
    (rule,) = [each for each in properties(assembly, "AWS::Events::Rule", region) if "EventPattern" in each]
    pattern = EventPattern.load(json.dumps(rule["EventPattern"]))
    event = {
        "source": f"aws.{service}",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"eventSource": f"{service}.amazonaws.com", "eventName": call, "errorCode": "AccessDenied"},
    }
    assert pattern.matches_event(event) is told
    (target,) = rule["Targets"]
    assert target["Arn"] == names.alert_topic_arn(assembly.strategy.prefix, region, assembly.strategy.account)


@pytest.mark.proves("vaults.encryption")
def test_keys_are_aws_backups_own_by_default_and_ours_by_setting(assembly: Assembly, synthesise: Synthesise, region: str) -> None:
    ours = assembly.strategy.vault.model_copy(update={"key": "customer-managed"})
    for each, expected in ((assembly, ["copy"]), (synthesise("dev", vault=ours), ["backup", "copy"])):
        encrypted = [
            vault["BackupVaultName"].split("-")[-2]
            for vault in properties(each, "AWS::Backup::BackupVault", region)
            if "EncryptionKeyArn" in vault
        ]
        assert sorted(encrypted) == expected


@pytest.mark.proves("vaults.lock")
def test_the_lock_is_the_strategys(environments: dict[str, Assembly], synthesise: Synthesise) -> None:
    prod = environments["prod"].strategy
    compliance = Lock.model_validate(
        {"mode": "compliance", "min_keep": "3d", "max_keep": "35d", "grace": "7d", "irreversible": True}
    )
    bounds = {"MinRetentionDays": 3, "MaxRetentionDays": 35}
    locked = synthesise("prod", vault=prod.vault.model_copy(update={"lock": compliance}))
    for each, expected in (
        (environments["dev"], None),
        (environments["prod"], bounds),
        (locked, bounds | {"ChangeableForDays": 7}),
    ):
        vaults = [vault["Properties"] for _, vault in each.resources("AWS::Backup::BackupVault")]
        assert [vault.get("LockConfiguration") for vault in vaults] == [expected] * 4

"""What protects: the rules as the strategy has them, and the stores they really select."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy.catalogue import names
from strategy.checks.schedule import distinct
from strategy.model.strategy import Strategy
from tests.stacks.assembly import Assembly, Resource, Synthesise, statements, text
from tests.stacks.states import states


def only(assembly: Assembly, kind: str) -> Resource:
    ((_, resource),) = assembly.resources(kind, kind="backup")
    properties: Resource = resource["Properties"]
    return properties


@pytest.fixture
def strategy(assembly: Assembly) -> Strategy:
    return assembly.strategy


@pytest.fixture
def rules(assembly: Assembly) -> list[dict[str, Any]]:
    plan: list[dict[str, Any]] = only(assembly, "AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    return plan


def test_the_plan_is_where_the_data_is(assembly: Assembly, primary: str) -> None:
    ((where, _),) = assembly.resources("AWS::Backup::BackupPlan")
    assert where.startswith(names.stack_id(assembly.strategy.prefix, "backup", primary))


@pytest.mark.proves("schedule.12-hour-rule", "schedule.daily-rule", "schedule.start-window", "schedule.weekly-rule")
def test_the_rules_are_the_strategys(rules: list[dict[str, Any]], strategy: Strategy) -> None:
    deployed = [
        (each["RuleName"], each["ScheduleExpression"], each["Lifecycle"]["DeleteAfterDays"], each["StartWindowMinutes"])
        for each in rules
    ]
    assert deployed == [
        (each.name, each.schedule, each.keep.days, each.start_window.total_seconds() / 60) for each in strategy.rules
    ]


@pytest.mark.proves("recovery-region.copies")
def test_every_rule_copies_to_another_region(
    assembly: Assembly, rules: list[dict[str, Any]], primary: str, recovery: str
) -> None:
    vaults = {
        names.vault_arn(recovery, assembly.strategy.account, vault["Properties"]["BackupVaultName"])
        for _, vault in assembly.resources("AWS::Backup::BackupVault", region=recovery)
        if "EncryptionKeyArn" in vault["Properties"]
    }
    for rule, promised in zip(rules, assembly.strategy.rules, strict=True):
        (copy,) = rule["CopyActions"]
        assert copy["DestinationBackupVaultArn"].split(":")[3] != primary
        assert copy["DestinationBackupVaultArn"] in vaults
        assert copy["Lifecycle"]["DeleteAfterDays"] == promised.copy_keep.days


@pytest.mark.proves("stores.selection")
def test_the_selection_names_every_store(assembly: Assembly, primary: str) -> None:
    selected = only(assembly, "AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    account = assembly.strategy.account
    instance = only(assembly, "AWS::RDS::DBInstance")["DBInstanceIdentifier"]
    table = only(assembly, "AWS::DynamoDB::GlobalTable")["TableName"]
    assert selected == [f"arn:aws:rds:{primary}:{account}:db:{instance}", f"arn:aws:dynamodb:{primary}:{account}:table/{table}"]


@pytest.mark.proves("stores.mysql-point-in-time", "stores.mysql-settings")
def test_mysql_keeps_its_settings(assembly: Assembly, strategy: Strategy) -> None:
    instance = only(assembly, "AWS::RDS::DBInstance")
    expected = {
        "BackupRetentionPeriod": 7,
        "DeleteAutomatedBackups": False,
        "DeletionProtection": True,
        "EnableIAMDatabaseAuthentication": True,
        "Engine": "mysql",
        "EngineVersion": "8.0",
        "MultiAZ": True,
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "DBSubnetGroupName": names.subnet_group(strategy.prefix),
        "DBParameterGroupName": names.parameter_group(strategy.prefix),
    }
    assert {key: instance[key] for key in expected} == expected


@pytest.mark.proves("vaults.database-password")
def test_the_password_is_never_in_the_template(assembly: Assembly, recovery: str) -> None:
    secrets = [each["Properties"] for _, each in assembly.resources("AWS::SecretsManager::Secret")]
    assert len(secrets) == 1 + len(assembly.strategy.services_of("mysql"))
    for secret in secrets:
        assert secret["ReplicaRegions"] == [{"Region": recovery}]
        assert "SecretString" not in secret
    password = text(only(assembly, "AWS::RDS::DBInstance")["MasterUserPassword"])
    assert password == "{{resolve:secretsmanager:<Ref>:SecretString:password::}}"


@pytest.mark.proves("stores.audit-table-point-in-time", "stores.audit-table-settings")
def test_the_audit_table_keeps_its_settings(assembly: Assembly, primary: str) -> None:
    table = only(assembly, "AWS::DynamoDB::GlobalTable")
    assert table["KeySchema"] == [
        {"AttributeName": "client_id", "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["AgentIndex", "OperationIndex"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    (replica,) = table["Replicas"]
    assert replica["Region"] == primary
    assert replica["DeletionProtectionEnabled"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}


@pytest.mark.proves("verification.manifest")
def test_a_manifest_is_written_once_whenever_rules_run(assembly: Assembly, strategy: Strategy, primary: str) -> None:
    schedules = [
        rule["Properties"]["ScheduleExpression"]
        for where, rule in assembly.resources("AWS::Events::Rule", region=primary)
        if "ScheduleExpression" in rule["Properties"] and "Manifest" in where
    ]
    assert schedules == [rule.schedule for rule in distinct(strategy.rules)]


@pytest.mark.proves("verification.signature")
def test_who_measures_may_not_sign_and_who_signs_may_not_measure(assembly: Assembly, primary: str) -> None:
    """Whoever takes over one of the two has no signed manifest of what is not there."""
    granted = {
        name: {action for where, policy in assembly.resources("AWS::IAM::Policy", region=primary) if marker in where
               for statement in policy["Properties"]["PolicyDocument"]["Statement"]
               for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])}
        for name, marker in (("writer", "ManifestFunctionRole"), ("signer", "ManifestSignerRole"))
    }  # fmt: skip
    assert {"rds-db:connect", "s3:PutObject"} <= granted["writer"]
    assert not {each for each in granted["writer"] if each.startswith("kms:")}
    assert {"kms:Sign", "s3:PutObjectRetention"} <= granted["signer"]
    assert not {each for each in granted["signer"] if each.startswith(("rds", "dynamodb", "ec2"))}
    (definition,) = (
        machine["Properties"]["DefinitionString"]
        for where, machine in assembly.resources("AWS::StepFunctions::StateMachine", region=primary)
        if "Manifest" in where
    )
    found = {name: state for name, state, _ in states(json.loads(text(definition)))}
    write = "Write what the stores hold"
    assert set(found) == {write, f"{write}: in pieces?", f"{write}: pieces", f"{write}: one piece", f"{write}: add up", "Sign it"}
    for each in (write, f"{write}: add up"):
        assert found[each]["Assign"] == {"written": "{% $states.result.Payload %}"}
    assert found["Sign it"]["Arguments"]["Payload"] == {"written": "{% $written %}"}, "its answer, not what lies in the bucket"


@pytest.mark.proves("compliance.evidence-copies")
def test_evidence_leaves_each_region(assembly: Assembly, primary: str, recovery: str) -> None:
    buckets = {bucket["Properties"]["BucketName"]: bucket["Properties"] for _, bucket in assembly.resources("AWS::S3::Bucket")}
    for region in (primary, recovery):
        name = names.evidence_bucket(assembly.strategy.prefix, region, assembly.strategy.account)
        assert "ReplicationConfiguration" in buckets[name]
    for bucket in buckets.values():
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}


@pytest.mark.proves("stores.existing-store")
def test_a_store_that_exists_is_protected_but_not_made(assembly: Assembly, synthesise: Synthesise, primary: str) -> None:
    theirs = f"arn:aws:rds:{primary}:{assembly.strategy.account}:db:core-banking"
    mysql = assembly.strategy.store("mysql").model_copy(update={"source": "existing", "arn": theirs})
    existing = synthesise("dev", stores=(mysql, assembly.strategy.store("audit-logs")))
    assert not list(existing.resources("AWS::RDS::DBInstance", "AWS::SecretsManager::Secret"))
    assert theirs in only(existing, "AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    # It is restored beside, under a name of its own: who may is written for that name, in both regions.
    permitted = {
        resource
        for _, statement in statements(existing)
        if "rds:RestoreDBInstanceToPointInTime" in statement["Action"]
        for resource in statement["Resource"]
        if ":db:core-banking-r" in text(resource)
    }
    assert {each.split(":")[3] for each in permitted} == {primary, assembly.strategy.regions.recovery}


@pytest.mark.proves("compliance.evidence-chain")
def test_records_are_sealed_every_hour_in_both_regions_by_a_key_that_only_signs(
    assembly: Assembly, primary: str, recovery: str
) -> None:
    for region in (primary, recovery):
        (key,) = [
            each["Properties"]
            for _, each in assembly.resources("AWS::KMS::Key", region=region)
            if each["Properties"].get("KeyUsage") == "SIGN_VERIFY"
        ]
        assert key["KeySpec"] == "ECC_NIST_P256"
        schedules = [
            rule["Properties"]["ScheduleExpression"]
            for where, rule in assembly.resources("AWS::Events::Rule", region=region)
            if "Sealing" in where
        ]
        assert schedules == ["cron(40 * * * ? *)"]
        (bucket,) = [
            each["Properties"]
            for _, each in assembly.resources("AWS::S3::Bucket", region=region)
            if "evidence" in each["Properties"]["BucketName"]
        ]
        assert bucket["ObjectLockEnabled"] is True
        # AWS Config delivers into no bucket that locks whatever arrives: each record is locked when it is sealed.
        assert "ObjectLockConfiguration" not in bucket

"""A drill's plan, made in AWS: the newest there is, or a manifest's own second; isolated, marked, and named by its execution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.drills.plan_lookup import find
from recovery.drills.planner import Asked, CannotDrill, plan, plan_id_of
from recovery.restore.plan import Plan
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.drill_steps import Purpose
from strategy.catalogue.routes import Mode, Route, Step
from strategy.contracts.requests.drills import drilled, drilled_in
from tests.recovery.answers import Answer, Region
from tests.recovery.drill_night import DEV, EXECUTION, MYSQL, NOW, REGION, TABLE, instance_drill

THERE = DEV.regions.recovery
LATEST = NOW - timedelta(minutes=4)
NETWORK = {"database-security-group": "sg-database", "drill-security-group": "sg-drill"}


def manifest(store: str) -> str:
    return f"manifests/{store}/20261123T020000Z.json"


def region(name: str = REGION, more: Mapping[str, Answer] | None = None) -> Region:
    """`more`: other answers, by operation."""
    backups = {
        "DBInstanceArn": names.store_arn("mysql", REGION, DEV.account, MYSQL),
        "RestoreWindow": {"EarliestTime": NOW - timedelta(days=7), "LatestTime": LATEST},
        "Status": "active",
        "BackupRetentionPeriod": 7,
    }
    path = names.parameter(DEV.prefix, "network")
    answers: dict[tuple[str, str], Answer] = {
        ("ssm", "GetParameter"): "ParameterNotFound",
        ("ssm", "GetParametersByPath"): {
            "Parameters": [{"Name": f"{path}/{key}", "Value": value} for key, value in NETWORK.items()]
        },
        ("rds", "DescribeDBInstanceAutomatedBackups"): {"DBInstanceAutomatedBackups": [backups]},
        ("rds", "DescribeDBInstances"): "DBInstanceNotFound",
        ("dynamodb", "DescribeTable"): "ResourceNotFoundException",
        ("s3", "ListObjectsV2"): lambda asked: {"Contents": _manifests(str(asked["Prefix"]), str(asked.get("StartAfter", "")))},
        ("backup", "ListRecoveryPointsByBackupVault"): lambda asked: {"RecoveryPoints": [_point(asked["BackupVaultName"])]},
        ("kms", "DescribeKey"): {"KeyMetadata": {"KeyState": "Enabled"}},
    }
    for operation, answer in (more or {}).items():
        (key,) = (each for each in answers if each[1] == operation)
        answers[key] = answer
    return Region(name, answers)


def _manifests(prefix: str, after: str) -> list[dict[str, str]]:
    keys = [manifest(store) for store in ("mysql", "audit-logs")]
    return [{"Key": key} for key in keys if key.startswith(prefix) and key > after]


def _point(vault: str) -> dict[str, Any]:
    return {
        "RecoveryPointArn": f"arn:point-of-{vault}",
        "ResourceArn": names.store_arn("mysql", REGION, DEV.account, f"{MYSQL}-r9a8b7c6d"),
        "ResourceType": "RDS",
        "Status": "COMPLETED",
        "CreationDate": NOW - timedelta(hours=1),
    }


def made(here: Region, route: Route, store: str = "mysql", purpose: Purpose = Purpose.DRILL) -> Plan:
    strategy = DEV if here.name in {REGION, THERE} else load("prod")
    return plan(drilled_in(strategy, here.name), Asked(route, store, purpose, EXECUTION, "schedule"), here.client, now=NOW)


def test_a_drill_restores_the_newest_beside_the_store_where_no_service_can_reach_it() -> None:
    found = made(region(), Route.MYSQL_TO_A_MOMENT)
    assert (found.mode, found.drill, found.moment, found.manifest_key) == (Mode.BESIDE, True, LATEST, manifest("mysql"))
    assert (found.source.name, found.target.name) == (MYSQL, f"{MYSQL}-{plan_id_of(EXECUTION)}")
    at_restore = found.settings["at_restore"]
    assert at_restore["DBSubnetGroupName"] == names.drill_subnet_group(DEV.prefix)
    assert at_restore["VpcSecurityGroupIds"] == ["sg-drill"]
    assert (at_restore["DeletionProtection"], at_restore["MultiAZ"]) == (False, False)
    assert "EnableCloudwatchLogsExports" not in at_restore, "its log group would outlive it"
    assert found.settings["tags"].items() >= {names.DRILL_TAG: "true", names.PLAN_TAG: found.plan_id}.items()
    assert Plan.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert {each.step: each.expected_seconds for each in found.steps if each.expected_seconds} == {
        Step.RESTORE: 3 * 3600,
        Step.VERIFY: 1800,
    }


def test_the_same_execution_gives_the_same_name() -> None:
    one, again = (made(region(), Route.MYSQL_TO_A_MOMENT) for _ in range(2))
    assert one.target == again.target
    assert plan_id_of(EXECUTION) != plan_id_of(EXECUTION + "2")


def test_a_check_of_the_data_restores_the_second_of_the_newest_manifest() -> None:
    found = made(region(), Route.MYSQL_TO_A_MOMENT, purpose=Purpose.INTEGRITY)
    assert found.moment == datetime(2026, 11, 23, 2, 0, 1, tzinfo=UTC)
    assert found.manifest_key == manifest("mysql")


def test_from_a_point_the_primary_takes_its_own_and_the_recovery_region_a_copy() -> None:
    for name, vault in ((REGION, names.backup_vault(DEV.prefix)), (THERE, names.copy_vault(DEV.prefix))):
        point = made(region(name), Route.MYSQL_FROM_RECOVERY_POINT).recovery_point
        assert point is not None
        assert (point.arn, point.vault) == (f"arn:point-of-{vault}", vault)


def test_a_table_is_drilled_by_its_name_alone() -> None:
    window = {"EarliestRestorableDateTime": NOW - timedelta(days=35), "LatestRestorableDateTime": LATEST}
    status = {"PointInTimeRecoveryStatus": "ENABLED", **window}
    table = {"TableName": TABLE, "TableArn": "arn:table", "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
    here = region(more={"DescribeTable": {"Table": table}})
    here.answers |= {
        ("dynamodb", "DescribeContinuousBackups"): {
            "ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": status}
        },
        ("dynamodb", "DescribeTimeToLive"): {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}},
        ("dynamodb", "ListTagsOfResource"): {"Tags": []},
        ("dynamodb", "DescribeContributorInsights"): {"ContributorInsightsStatus": "ENABLED"},
        ("dynamodb", "DescribeKinesisStreamingDestination"): {"KinesisDataStreamDestinations": []},
        ("application-autoscaling", "DescribeScalableTargets"): {"ScalableTargets": []},
    }
    found = made(here, Route.DYNAMODB_TO_A_MOMENT, "audit-logs")
    assert found.target.name == f"{TABLE}-{found.plan_id}"
    assert (found.settings["deletion_protection"], found.settings["contributor_insights"]) == (False, False)
    assert found.settings["time_to_live"] == "ttl"


def test_where_backups_are_replicated_the_recovery_region_drills_them_too() -> None:
    prod = load("prod")
    assert Route.MYSQL_TO_A_MOMENT in {route for _, route in drilled(prod, prod.regions.recovery)}
    assert Route.MYSQL_TO_A_MOMENT not in {route for _, route in drilled(DEV, DEV.regions.recovery)}


@pytest.mark.parametrize(
    ("route", "store", "more", "said"),
    [
        (Route.MYSQL_TO_A_MOMENT, "nothing", {}, "is not drilled in"),
        (Route.DYNAMODB_TO_A_MOMENT, "mysql", {}, "is not drilled in"),
        (
            Route.MYSQL_TO_A_MOMENT,
            "mysql",
            {"DescribeDBInstanceAutomatedBackups": {"DBInstanceAutomatedBackups": []}},
            "there are no automated backups",
        ),
        (
            Route.MYSQL_FROM_RECOVERY_POINT,
            "mysql",
            {"ListRecoveryPointsByBackupVault": {"RecoveryPoints": []}},
            "the vault has none of it",
        ),
        (Route.MYSQL_FROM_RECOVERY_POINT, "mysql", {"ListRecoveryPointsByBackupVault": "ResourceNotFoundException"}, "no vault"),
        (Route.MYSQL_TO_A_MOMENT, "mysql", {"GetParametersByPath": {"Parameters": []}}, "deploy banking-buddy-dev-standby"),
    ],
)
def test_what_cannot_be_drilled_says_why(route: Route, store: str, more: dict[str, Answer], said: str) -> None:
    with pytest.raises(CannotDrill, match=said):
        made(region(more=more), route, store)


# ---------------------------------------------------------------------- found again
def states(inputs: dict[str, Any], table: dict[str, Any] | None = None) -> Region:
    """What executions were started with, by ARN; and what the plans table has of a plan."""

    def described(asked: Any) -> dict[str, Any] | str:
        found = inputs.get(asked["executionArn"])
        return "ExecutionDoesNotExist" if found is None else {"input": json.dumps(found)}

    item = {"Item": {"plan": {"S": json.dumps(table)}}} if table else {}
    return Region(REGION, {("stepfunctions", "DescribeExecution"): described, ("dynamodb", "GetItem"): item})


ASKED = {"route": "mysql-from-recovery-point", "store": "mysql"}
ENDED = instance_drill()


def test_the_plan_of_a_drill_that_was_ended_is_found_by_its_execution() -> None:
    again = f"{EXECUTION}-again"
    chain = {again: {"clean": EXECUTION}, EXECUTION: ASKED}
    assert find(DEV.prefix, EXECUTION, states({EXECUTION: ASKED}, ENDED.as_json()).client) == ENDED
    assert find(DEV.prefix, again, states(chain, ENDED.as_json()).client) == ENDED, "a clean-up that was ended too"
    route = names.state_machine_arn(DEV.prefix, ASKED["route"], REGION, DEV.account).replace(":stateMachine:", ":execution:")
    begun = {EXECUTION: ASKED, f"{route}:{plan_id_of(EXECUTION)}-1": ENDED.as_json()}
    assert find(DEV.prefix, EXECUTION, states(begun).client) == ENDED, "not claimed yet"


def test_a_drill_that_came_to_no_plan_left_nothing() -> None:
    assert find(DEV.prefix, EXECUTION, states({EXECUTION: ASKED}).client) is None
    assert find(DEV.prefix, EXECUTION, states({}).client) is None

"""CloudFormation adopts what a template newly names and AWS already has, when the change set asks for it."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest

from aws_rehearsal import Cloud
from aws_support.deployments import REGION, deploy, resource, settled
from aws_support.rds import create, sql

KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "id", "AttributeType": "S"}]
PASSWORD = "first-password"
_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """Of a stack: those of a lost region are remembered."""
    return f"backup-{next(_numbers)}"


def table(name: str, **properties: Any) -> dict[str, Any]:
    replica = {"Region": REGION, "DeletionProtectionEnabled": True, "Tags": [{"Key": "owner", "Value": "bank"}]}
    given = {"TableName": name, "KeySchema": KEY, "AttributeDefinitions": ATTRIBUTES, "BillingMode": "PAY_PER_REQUEST"}
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return resource("DynamoDB::GlobalTable", **given, Replicas=[replica], **properties) | kept


def instance(name: str, **properties: Any) -> dict[str, Any]:
    given = {"Engine": "mysql", "EngineVersion": "8.0.43", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": "20"}
    login = {"MasterUsername": "admin", "MasterUserPassword": PASSWORD}
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return resource("RDS::DBInstance", DBInstanceIdentifier=name, **(given | login | properties)) | kept


def change(cloud: Cloud, name: str, resources: dict[str, Any], *, imports: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """(action by logical id, the stack after it)."""
    cloudformation = cloud.client("cloudformation", REGION)
    made = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="adopt",
        TemplateBody=json.dumps({"Resources": resources}),
        ImportExistingResources=imports,
    )
    described = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    actions = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]["Action"] for each in described["Changes"]}
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    return actions, settled(cloud, made["StackId"])


def events(cloud: Cloud, name: str, logical_id: str) -> list[str]:
    found = cloud.client("cloudformation", REGION).describe_stack_events(StackName=name)["StackEvents"]
    return [each["ResourceStatus"] for each in reversed(found) if each["LogicalResourceId"] == logical_id]


def make_table(cloud: Cloud, name: str) -> Any:
    dynamodb = cloud.client("dynamodb", REGION)
    dynamodb.create_table(TableName=name, KeySchema=KEY, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST")
    dynamodb.put_item(TableName=name, Item={"id": {"S": "1"}})
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))  # so that it is described
    return dynamodb


def test_a_restored_table_is_adopted_with_its_items_and_the_old_one_stays(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, {"Old": table("audit")})
    dynamodb = make_table(cloud, "audit-p1")
    life = {"AttributeName": "ttl", "Enabled": True}
    actions, stack = change(cloud, name, {"New": table("audit-p1", TimeToLiveSpecification=life)}, imports=True)
    assert actions == {"New": "Import", "Old": "Remove"}
    assert stack["StackStatus"] == "UPDATE_COMPLETE", stack["Reasons"]
    assert events(cloud, name, "New")[-4:] == ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert events(cloud, name, "Old")[-1] == "DELETE_SKIPPED"
    assert dynamodb.scan(TableName="audit-p1")["Count"] == 1
    assert dynamodb.describe_table(TableName="audit-p1")["Table"]["DeletionProtectionEnabled"]
    assert dynamodb.describe_time_to_live(TableName="audit-p1")["TimeToLiveDescription"]["AttributeName"] == "ttl"
    assert dynamodb.describe_table(TableName="audit")["Table"]["TableStatus"] == "ACTIVE"
    standing = cloud.client("cloudformation", REGION).describe_stack_resources(StackName=name)["StackResources"]
    assert [each["PhysicalResourceId"] for each in standing] == ["audit-p1"]


def test_a_restored_instance_is_adopted_with_its_rows_and_gets_what_the_template_says(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, {"Old": instance("bank")})
    database = create(cloud, "bank-p1")
    sql(cloud, database, "CREATE DATABASE crm")
    wanted = instance("bank-p1", BackupRetentionPeriod=21, DeletionProtection=True)
    actions, stack = change(cloud, name, {"New": wanted}, imports=True)
    assert actions == {"New": "Import", "Old": "Remove"}
    assert stack["StackStatus"] == "UPDATE_COMPLETE", stack["Reasons"]
    rds = cloud.client("rds", REGION)
    adopted = rds.describe_db_instances(DBInstanceIdentifier="bank-p1")["DBInstances"][0]
    assert (adopted["BackupRetentionPeriod"], adopted["DeletionProtection"]) == (21, True)
    assert adopted["DbiResourceId"] == database["DbiResourceId"]
    assert sql(cloud, adopted, "SHOW DATABASES LIKE 'crm'") == (("crm",),)
    assert rds.describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]["DBInstanceStatus"] == "available"
    assert change(cloud, name, {"New": wanted | {"Metadata": {"note": "again"}}}, imports=True)[0] == {"New": "Modify"}


def test_the_log_group_that_rds_made_for_a_restored_instance_is_taken_over(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, {"Old": table("audit")})
    create(cloud, "bank-p2", EnableCloudwatchLogsExports=["error"])
    group = resource("Logs::LogGroup", LogGroupName="/aws/rds/instance/bank-p2/error", RetentionInDays=365)
    refused, stack = change(cloud, name, {"Errors": group}, imports=True)
    assert (refused["Errors"], stack["StackStatus"]) == ("Add", "UPDATE_ROLLBACK_COMPLETE")
    kept = group | {"DeletionPolicy": "Retain"}
    actions, stack = change(cloud, name, {"Old": table("audit"), "Errors": kept}, imports=True)
    assert (actions["Errors"], stack["StackStatus"]) == ("Import", "UPDATE_COMPLETE"), stack["Reasons"]
    (found,) = cloud.client("logs", REGION).describe_log_groups(logGroupNamePrefix="/aws/rds/instance/bank-p2/")["logGroups"]
    assert found["retentionInDays"] == 365


@pytest.mark.parametrize(("imports", "policy"), [(False, "Retain"), (True, "Delete")])
def test_what_stands_fails_the_change_that_does_not_import_it(cloud: Cloud, name: str, *, imports: bool, policy: str) -> None:
    deploy(cloud, name, {"Old": table("audit")})
    make_table(cloud, "audit-p1")
    both = {"Old": table("audit"), "New": table("audit-p1") | {"DeletionPolicy": policy}}
    actions, stack = change(cloud, name, both, imports=imports)
    assert actions == {"New": "Add"}
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_what_does_not_stand_yet_is_created(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, {"Old": table("audit")})
    actions, stack = change(cloud, name, {"Old": table("audit"), "New": table("audit-p1")}, imports=True)
    assert actions == {"New": "Add"}
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert events(cloud, name, "New")[-1] == "CREATE_COMPLETE"


def test_a_change_that_fails_lets_go_of_what_it_adopted_and_deletes_nothing(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, {"Old": table("audit")})
    dynamodb = make_table(cloud, "audit-p1")
    make_table(cloud, "taken")
    failing = table("taken") | {"DeletionPolicy": "Delete", "DependsOn": "New"}
    _, stack = change(cloud, name, {"Old": table("audit"), "New": table("audit-p1"), "Fails": failing}, imports=True)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert dynamodb.scan(TableName="audit-p1")["Count"] == 1
    standing = cloud.client("cloudformation", REGION).describe_stack_resources(StackName=name)["StackResources"]
    assert [each["PhysicalResourceId"] for each in standing] == ["audit"]

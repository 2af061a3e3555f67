"""CloudFormation of the embedded AWS: the simulated types, the recorded ones, and custom resources."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud import Cloud
from rehearsal.cloud.cloudformation import custom
from rehearsal.cloud.cloudformation.template import parse
from rehearsal.cloud.service import Service

REGION = "ap-southeast-1"
TEMPLATES = Path(__file__).parent / "templates"
ACCOUNT = "123456789012"


class Functions(Service):
    """In place of Lambda: answers a custom resource as `behaviour` says, by PUT to its ResponseURL."""

    name = "lambda"

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.behaviour: dict[str, Any] = {"Status": "SUCCESS"}

    def invoke(self, region: str, *, FunctionName: str, Payload: Any, **_: Any) -> dict[str, Any]:  # noqa: N803  # AWS's words
        event = json.loads(Payload)
        self.events.append({"region": region, "function": FunctionName, **event})
        answer = json.dumps(
            {"PhysicalResourceId": f"made-{event['ResourceProperties'].get('Name', '')}", **self.behaviour}
        ).encode()
        request = urllib.request.Request(event["ResponseURL"], data=answer, method="PUT")  # noqa: S310  # loopback
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert response.status == 200
        return {"StatusCode": 200, "Payload": b"null"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def functions(cloud: Cloud) -> Iterator[Functions]:
    fake = Functions()
    cloud.services["lambda"] = fake
    yield fake
    del cloud.services["lambda"]


def deploy(
    cloud: Cloud, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None, *, update: bool = False
) -> dict[str, Any]:
    body = {"Resources": resources, "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()}}
    return deploy_text(cloud, name, json.dumps(body), update=update)


def deploy_text(cloud: Cloud, name: str, body: str, *, update: bool = False) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    operation = cloudformation.update_stack if update else cloudformation.create_stack
    return settled(cloud, operation(StackName=name, TemplateBody=body)["StackId"])


def settled(cloud: Cloud, stack_id: str) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    for _ in range(20):
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        if stack["StackStatus"].endswith(("_COMPLETE", "_FAILED")):
            found = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
            stack["Reasons"] = [
                each.get("ResourceStatusReason", "") for each in found if each["ResourceStatus"].endswith("FAILED")
            ]
            stack["Values"] = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            return stack
    raise AssertionError(f"{stack_id} never settles")


def destroy(cloud: Cloud, stack: dict[str, Any]) -> dict[str, Any]:
    cloud.client("cloudformation", REGION).delete_stack(StackName=stack["StackId"])
    return settled(cloud, stack["StackId"])


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def get(logical_id: str, name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, name]}


def ref(logical_id: str) -> dict[str, str]:
    return {"Ref": logical_id}


def test_a_network_with_its_ways_out_comes_and_goes(cloud: Cloud) -> None:
    stack = deploy_text(cloud, "network", (TEMPLATES / "network.yaml").read_text())
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    group = cloud.client("ec2", REGION).describe_security_groups(GroupIds=[stack["Values"]["Group"]])["SecurityGroups"][0]
    assert [each["FromPort"] for each in group["IpPermissions"]] == [3306]
    assert sorted(each["FromPort"] for each in group["IpPermissionsEgress"]) == [80, 443]
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"
    vpcs = [vpc["VpcId"] for vpc in cloud.client("ec2", REGION).describe_vpcs()["Vpcs"]]
    assert stack["Values"]["Vpc"] not in vpcs


def test_the_platform_services_come_and_go(cloud: Cloud) -> None:
    stack = deploy_text(cloud, "platform", (TEMPLATES / "platform.yaml").read_text())
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    values = stack["Values"]
    secret = json.loads(cloud.client("secretsmanager", REGION).get_secret_value(SecretId=values["Secret"])["SecretString"])
    assert (secret["username"], len(secret["password"])) == ("admin", 24)
    assert cloud.client("ssm", REGION).get_parameter(Name="/platform/user")["Parameter"]["Value"] == "admin"
    definition = cloud.client("stepfunctions", REGION).describe_state_machine(stateMachineArn=values["Machine"])["definition"]
    assert json.loads(definition)["StartAt"] == "Finished"
    assert cloud.client("s3", REGION).get_bucket_versioning(Bucket=values["Bucket"])["Status"] == "Enabled"
    block = cloud.client("s3", REGION).get_public_access_block(Bucket=values["Bucket"])["PublicAccessBlockConfiguration"]
    assert block["RestrictPublicBuckets"] is True
    assert values["Function"].startswith(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:")
    attached = cloud.client("iam", REGION).list_attached_role_policies(RoleName="platform-role")["AttachedPolicies"]
    assert len(attached) == 2
    gone = destroy(cloud, stack)
    assert gone["StackStatus"] == "DELETE_COMPLETE", gone["Reasons"]


def table(**more: Any) -> dict[str, Any]:
    return resource(
        "DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **more,
    )


def test_a_table_keeps_the_protection_its_template_asks_for(cloud: Cloud) -> None:
    protected = table(
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
        TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True},
        DeletionProtectionEnabled=True,
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        Tags=[{"Key": "k", "Value": "v"}],
    )
    stack = deploy(cloud, "table", {"Table": protected}, {"Name": ref("Table"), "Stream": get("Table", "StreamArn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    dynamodb, name = cloud.client("dynamodb", REGION), stack["Values"]["Name"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "ttl"
    assert dynamodb.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] is True
    stack = deploy(cloud, "table", {"Table": table(DeletionProtectionEnabled=False)}, {"Name": ref("Table")}, update=True)
    assert (stack["StackStatus"], stack["Values"]["Name"]) == ("UPDATE_COMPLETE", name)
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_a_database_takes_its_settings_and_leaves_a_final_snapshot(cloud: Cloud) -> None:
    document = parse((TEMPLATES / "network.yaml").read_text())
    group = {name: document.resources[name] for name in ("Vpc", "A", "B", "Group")}
    database = resource(
        "RDS::DBInstance",
        DBInstanceIdentifier="cfn-database",
        DBInstanceClass="db.t4g.medium",
        Engine="mysql",
        EngineVersion="8.0.40",
        AllocatedStorage="20",
        MultiAZ=True,
        BackupRetentionPeriod=7,
        MasterUsername="admin",
        MasterUserPassword="rehearsal-password",
        DBSubnetGroupName=ref("Subnets"),
        DBParameterGroupName=ref("Parameters"),
        VPCSecurityGroups=[get("Group", "GroupId")],
    )
    resources = {
        **group,
        "Subnets": resource("RDS::DBSubnetGroup", DBSubnetGroupDescription="d", SubnetIds=[ref("A"), ref("B")]),
        "Parameters": resource(
            "RDS::DBParameterGroup", Description="d", Family="mysql8.0", Parameters={"max_connections": "100"}
        ),
        "Database": database,
    }
    wanted = {
        "Port": get("Database", "Endpoint.Port"),
        "Arn": get("Database", "DBInstanceArn"),
        "Id": get("Database", "DbiResourceId"),
    }
    stack = deploy(cloud, "database", resources, wanted)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    assert stack["Values"]["Arn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:db:cfn-database"
    assert int(stack["Values"]["Port"])
    rds = cloud.client("rds", REGION)
    found = rds.describe_db_instances(DBInstanceIdentifier="cfn-database")["DBInstances"][0]
    assert (found["DBInstanceStatus"], found["MultiAZ"], found["BackupRetentionPeriod"]) == ("available", True, 7)
    database["Properties"]["BackupRetentionPeriod"] = 14
    assert deploy(cloud, "database", resources, wanted, update=True)["StackStatus"] == "UPDATE_COMPLETE"
    assert rds.describe_db_instances(DBInstanceIdentifier="cfn-database")["DBInstances"][0]["BackupRetentionPeriod"] == 14
    gone = destroy(cloud, stack)
    assert gone["StackStatus"] == "DELETE_COMPLETE", gone["Reasons"]
    snapshots = rds.describe_db_snapshots(DBInstanceIdentifier="cfn-database")["DBSnapshots"]
    assert [each["DBSnapshotIdentifier"].startswith("database-") for each in snapshots if each["SnapshotType"] == "manual"] == [
        True
    ]


def test_a_backup_plan_with_its_vault_and_selection(cloud: Cloud) -> None:
    rule = {
        "RuleName": "daily",
        "TargetBackupVault": ref("Vault"),
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 7},
    }
    resources = {
        "Role": resource("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []}),
        "Vault": resource("Backup::BackupVault", BackupVaultName="cfn-vault", BackupVaultTags={"k": "v"}),
        "Plan": resource("Backup::BackupPlan", BackupPlan={"BackupPlanName": "cfn-plan", "BackupPlanRule": [rule]}),
        "Selection": resource(
            "Backup::BackupSelection",
            BackupPlanId=ref("Plan"),
            BackupSelection={
                "SelectionName": "cfn-selection",
                "IamRoleArn": get("Role", "Arn"),
                "Resources": ["arn:aws:dynamodb:*:*:table/x"],
            },
        ),
    }
    stack = deploy(cloud, "backup", resources, {"Plan": ref("Plan"), "Vault": get("Vault", "BackupVaultArn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    backup, plan = cloud.client("backup", REGION), stack["Values"]["Plan"]
    assert backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]["TargetBackupVaultName"] == "cfn-vault"
    assert len(backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]) == 1
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_a_type_nobody_simulates_is_recorded_and_listed(cloud: Cloud) -> None:
    application = resource("ElasticBeanstalk::Application", ApplicationName="bank")
    testing = resource(
        "Backup::RestoreTestingPlan",
        RestoreTestingPlanName="monthly",
        ScheduleExpression="cron(0 5 1 * ? *)",
        RecoveryPointSelection={
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
            "SelectionWindowDays": "7",
        },
    )
    stack = deploy(
        cloud,
        "recorded",
        {"App": application, "Testing": testing},
        {"App": ref("App"), "Arn": get("Testing", "RestoreTestingPlanArn")},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Values"]["App"] == "bank"
    assert stack["Values"]["Arn"].endswith(".recorded.invalid")
    listed = {(each[2], each[4]) for each in cloud.services["cloudformation"].resources() if each[1] == "recorded"}  # type: ignore[attr-defined]
    assert listed == {("App", "recorded"), ("Testing", "recorded")}


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (resource("ElasticBeanstalk::Application", ApplicationNmae="bank"), "ApplicationNmae"),
        (resource("SNS::Topic", TopicNmae="bank"), "AWS::SNS::Topic.*TopicNmae"),
        (resource("Backup::BackupVault"), "BackupVaultName.*required"),
        (resource("S3::Bucket", VersioningConfiguration={"Status": "Enabld"}), "VersioningConfiguration/Status.*Enabld"),
        (resource("SQS::Queue", VisibilityTimeout="soon"), "VisibilityTimeout.*soon"),
    ],
)
def test_a_wrong_property_fails_by_type_path_and_value(cloud: Cloud, bad: dict[str, Any], complaint: str) -> None:
    stack = deploy(cloud, "wrong", {"Wrong": bad})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(re.search(complaint, reason) for reason in stack["Reasons"]), stack["Reasons"]
    destroy(cloud, stack)


def test_a_type_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Backup::BackupVualt\]"):
        deploy(cloud, "unknown", {"X": resource("Backup::BackupVualt", BackupVaultName="v")})


def custom_resource(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thing", **properties},
    }


def test_a_custom_resource_lives_by_what_its_function_answers(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "SUCCESS", "Data": {"Colour": "green"}}
    outputs = {"Id": ref("Thing"), "Colour": get("Thing", "Colour")}
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="one", Size=3)}, outputs)
    assert (stack["StackStatus"], stack["Values"]) == ("CREATE_COMPLETE", {"Id": "made-one", "Colour": "green"})
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="two", Size=3)}, outputs, update=True)
    assert (stack["StackStatus"], stack["Values"]["Id"]) == ("UPDATE_COMPLETE", "made-two")
    destroy(cloud, stack)
    asked = [(event["RequestType"], event.get("PhysicalResourceId")) for event in functions.events]
    assert asked == [("Create", None), ("Update", "made-one"), ("Delete", "made-one"), ("Delete", "made-two")]
    assert functions.events[1]["OldResourceProperties"]["Name"] == "one"
    assert functions.events[0]["ResourceProperties"]["Size"] == "3"


def test_a_custom_resource_that_fails_fails_the_stack_with_its_reason(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "FAILED", "Reason": "no such thing"}
    stack = deploy(cloud, "custom-failed", {"Thing": custom_resource()})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("no such thing" in reason for reason in stack["Reasons"])


def test_a_custom_resource_that_never_answers_is_given_up(
    cloud: Cloud, functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(functions, "invoke", lambda _region, **_: {"StatusCode": 200, "Payload": b"null"})
    stack = deploy(cloud, "custom-silent", {"Thing": custom_resource()})
    assert any("no answer to Create" in reason for reason in stack["Reasons"])

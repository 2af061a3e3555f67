"""CloudFormation of the embedded AWS: the simulated types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import Cloud
from aws_rehearsal.cloudformation.template import parse
from aws_support.deployments import ACCOUNT, REGION, deploy, deploy_text, destroy, get, ref, resource

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


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


def statement(characters: int) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + "x" * characters}],
    }


def test_policies_longer_than_iam_stores_are_refused(cloud: Cloud) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    role = resource("IAM::Role", RoleName="long", AssumeRolePolicyDocument=trust)
    managed = deploy(cloud, "managed", {"Policy": resource("IAM::ManagedPolicy", PolicyDocument=statement(6_144))})
    assert "Cannot exceed quota for PolicySize: 6144" in str(managed["Reasons"])
    inline = {
        name: resource("IAM::Policy", PolicyName=name, PolicyDocument=statement(5_200), Roles=[ref("Role")])
        for name in ("First", "Second")
    }
    together = deploy(cloud, "inline", {"Role": role, **inline})
    assert "Maximum policy size of 10240 bytes exceeded for role long" in str(together["Reasons"])
    fits = {"Role": role, "First": inline["First"], "Policy": resource("IAM::ManagedPolicy", PolicyDocument=statement(5_200))}
    assert deploy(cloud, "fits", fits)["StackStatus"] == "CREATE_COMPLETE"


def test_a_managed_policy_that_somebody_has_is_not_deleted(cloud: Cloud) -> None:
    """DeletePolicy: it is detached first from every user, group and role, and its other versions are deleted."""
    iam = cloud.client("iam", REGION)
    fits = resource("IAM::ManagedPolicy", ManagedPolicyName="held", PolicyDocument=statement(10))
    stack = deploy(cloud, "held", {"Policy": fits})
    arn = f"arn:aws:iam::{ACCOUNT}:policy/held"
    iam.create_user(UserName="holder")
    iam.create_group(GroupName="holders")
    iam.create_role(RoleName="holder", AssumeRolePolicyDocument="{}")
    holders = {"user": {"UserName": "holder"}, "group": {"GroupName": "holders"}, "role": {"RoleName": "holder"}}
    for kind, holder in holders.items():
        getattr(iam, f"attach_{kind}_policy")(PolicyArn=arn, **holder)
        with pytest.raises(iam.exceptions.DeleteConflictException, match="Cannot delete a policy attached to entities"):
            iam.delete_policy(PolicyArn=arn)
        getattr(iam, f"detach_{kind}_policy")(PolicyArn=arn, **holder)
    iam.put_role_permissions_boundary(RoleName="holder", PermissionsBoundary=arn)
    with pytest.raises(iam.exceptions.DeleteConflictException, match="Cannot delete a policy attached to entities"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_role_permissions_boundary(RoleName="holder")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(statement(20)), SetAsDefault=True)
    with pytest.raises(iam.exceptions.DeleteConflictException, match="more than one version"):
        iam.delete_policy(PolicyArn=arn)
    iam.attach_role_policy(PolicyArn=arn, RoleName="holder")
    kept = destroy(cloud, stack)
    assert kept["StackStatus"] == "DELETE_FAILED"
    assert "Cannot delete a policy attached to entities" in str(kept["Reasons"])
    iam.detach_role_policy(PolicyArn=arn, RoleName="holder")
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"

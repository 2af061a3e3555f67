"""CloudFormation of the embedded AWS: a name that is taken, by what a stack left behind or by anybody, fails the next create."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aws_rehearsal import Cloud
from aws_support.deployments import ACCOUNT, REGION, deploy, destroy, ref, resource

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/names-support"
DEFINITION = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
TABLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
CODE = {"ZipFile": "def handler(event, context):\n    return event\n"}

NAMED: dict[str, dict[str, Any]] = {
    "Backup::BackupVault": {"BackupVaultName": "taken"},
    "Backup::RestoreTestingPlan": {
        "RestoreTestingPlanName": "taken",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "RecoveryPointSelection": {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
        },
    },
    "CloudWatch::Alarm": {
        "AlarmName": "taken",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "m",
        "Namespace": "n",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1,
    },
    "CloudWatch::CompositeAlarm": {"AlarmName": "taken-composite", "AlarmRule": "FALSE"},
    "CloudWatch::Dashboard": {"DashboardName": "taken", "DashboardBody": '{"widgets": []}'},
    "Config::ConfigRule": {
        "ConfigRuleName": "taken",
        "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
    },
    "DynamoDB::GlobalTable": {
        **TABLE,
        "TableName": "taken-global",
        "BillingMode": "PAY_PER_REQUEST",
        "Replicas": [{"Region": REGION}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    },
    "DynamoDB::Table": {**TABLE, "TableName": "taken", "BillingMode": "PAY_PER_REQUEST"},
    "EC2::SecurityGroup": {"GroupName": "taken", "GroupDescription": "taken"},
    "ECR::Repository": {"RepositoryName": "taken"},
    "ElasticBeanstalk::Application": {"ApplicationName": "taken"},
    "ElasticLoadBalancingV2::LoadBalancer": {"Name": "taken", "Subnets": [ref("One"), ref("Two")]},
    "Events::Rule": {"Name": "taken", "ScheduleExpression": "rate(1 day)", "State": "DISABLED"},
    "IAM::InstanceProfile": {"InstanceProfileName": "taken", "Roles": ["names-support"]},
    "IAM::ManagedPolicy": {"ManagedPolicyName": "taken", "PolicyDocument": ALLOWED},
    "IAM::Role": {"RoleName": "taken", "AssumeRolePolicyDocument": TRUST},
    "KMS::Alias": {"AliasName": "alias/taken", "TargetKeyId": ref("Key")},
    "Lambda::Function": {
        "FunctionName": "taken",
        "Code": CODE,
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": ROLE,
    },
    "Logs::LogGroup": {"LogGroupName": "/taken"},
    "RDS::DBInstance": {
        "DBInstanceIdentifier": "taken",
        "AllocatedStorage": "20",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "mysql",
        "MasterUsername": "root_user",
        "MasterUserPassword": "names-and-more",
    },
    "RDS::DBParameterGroup": {"DBParameterGroupName": "taken", "Description": "d", "Family": "mysql8.4"},
    "RDS::DBSubnetGroup": {
        "DBSubnetGroupName": "taken",
        "DBSubnetGroupDescription": "d",
        "SubnetIds": [ref("One"), ref("Two")],
    },
    "Route53::RecordSet": {
        "HostedZoneId": ref("Zone"),
        "Name": "taken.example.org.",
        "Type": "TXT",
        "TTL": "60",
        "ResourceRecords": ['"x"'],
    },
    "S3::Bucket": {"BucketName": "taken-by-a-stack"},
    "SNS::Topic": {"TopicName": "taken"},
    "SQS::Queue": {"QueueName": "taken"},
    "SSM::Parameter": {"Name": "/taken", "Type": "String", "Value": "v"},
    "SecretsManager::Secret": {"Name": "taken", "SecretString": "s"},
    "StepFunctions::StateMachine": {"StateMachineName": "taken", "DefinitionString": DEFINITION, "RoleArn": ROLE},
}
"""One resource with a name of its own for each type; those not simulated are recorded, and are refused alike."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        iam = running.client("iam", REGION)
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"]["Service"] = ["lambda.amazonaws.com", "states.amazonaws.com", "ec2.amazonaws.com"]
        iam.create_role(RoleName="names-support", AssumeRolePolicyDocument=json.dumps(trust))
        yield running


@pytest.fixture(scope="module")
def support(cloud: Cloud) -> dict[str, str]:
    """What the others need: a network, a key and a zone."""
    subnets = {
        name: resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, (name, zone) in enumerate({"One": "a", "Two": "b"}.items())
    }
    resources = {
        "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
        "Key": resource("KMS::Key"),
        "Zone": resource("Route53::HostedZone", Name="example.org"),
        **subnets,
    }
    stack = deploy(cloud, "names-support", resources, {name: ref(name) for name in resources})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    values: dict[str, str] = stack["Values"]
    return values


def filled(value: Any, support: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return support[value["Ref"]] if value.keys() == {"Ref"} else {key: filled(each, support) for key, each in value.items()}
    return [filled(each, support) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_what_a_stack_left_behind_fails_the_next_create_of_its_name(cloud: Cloud, support: dict[str, str], kind: str) -> None:
    kept = {"Kept": {**resource(kind, **filled(NAMED[kind], support)), "DeletionPolicy": "Retain"}}
    name = kind.replace("::", "-")
    first = deploy(cloud, name, kept)
    assert first["StackStatus"] == "CREATE_COMPLETE", first["Reasons"]
    assert destroy(cloud, first)["StackStatus"] == "DELETE_COMPLETE"
    second = deploy(cloud, name, kept)
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("already exist" in reason.lower() or "AlreadyExist" in reason for reason in second["Reasons"]), second["Reasons"]
    third = deploy(cloud, f"{name}-again", kept)  # the one that failed has not taken the first one's resource with it
    assert third["StackStatus"] == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_what_a_stack_deleted_can_be_made_again(cloud: Cloud, support: dict[str, str], kind: str) -> None:
    properties = json.loads(json.dumps(filled(NAMED[kind], support)).replace("taken", "free"))
    name = f"free-{kind.replace('::', '-')}"
    for _ in range(2):
        made = deploy(cloud, name, {"Gone": {**resource(kind, **properties), "DeletionPolicy": "Delete"}})
        assert made["StackStatus"] == "CREATE_COMPLETE", made["Reasons"]
        assert destroy(cloud, made)["StackStatus"] == "DELETE_COMPLETE"

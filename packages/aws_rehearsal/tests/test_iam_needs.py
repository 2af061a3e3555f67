"""What requests need, against AWS's documents: actions, resources, condition keys, and what AWS does in the caller's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from aws_rehearsal.iam.need import Need
from aws_rehearsal.iam.needs import needs, role_needs
from aws_rehearsal.iam.service_reference import UnknownActionError

REGION, OTHER, ACCOUNT = "ap-southeast-1", "ap-southeast-2", "123456789012"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bank/job"
RDS, DYNAMODB = f"arn:aws:rds:{REGION}:{ACCOUNT}", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:bank"
POINT = f"{RDS}:snapshot:awsbackup:job-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:switch"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:recover"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:bank/mysql-AbCdEf"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"


@dataclass
class Known:
    """An account with what a test says is in it."""

    keys: Mapping[str, str] = field(default_factory=dict)
    tagged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    arns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def tags(self, arn: str) -> Mapping[str, str]:
        return self.tagged.get(arn, {})

    def key(self, arn: str) -> str:
        return self.keys.get(arn, "")

    def arn(self, kind: str, name: str, region: str) -> str:  # noqa: ARG002
        return self.arns.get((kind, name), "")

    def facts(self, arn: str) -> Mapping[str, str]:
        return self.known.get(arn, {})


def asked(call: str, lookup: Known | None = None, **parameters: Any) -> list[Need]:
    service, operation = call.split(":")
    return list(needs(service, operation, parameters, region=REGION, account=ACCOUNT, lookup=lookup or Known()))


def one(call: str, lookup: Known | None = None, **parameters: Any) -> Need:
    """The only need of a call."""
    (found,) = asked(call, lookup, **parameters)
    return found


def of(found: list[Need], action: str) -> Need:
    (need,) = [need for need in found if need.action == action]
    return need


def shown(found: list[Need]) -> list[tuple[str, tuple[str, ...]]]:
    return [(need.action, need.resources) for need in found]


def ec2(resource: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{resource}"


BUCKET, OBJECT = "arn:aws:s3:::evidence", "arn:aws:s3:::evidence/a/b.json"
HERE = {"Bucket": "evidence", "Key": "a/b.json"}


# ------------------------------------------------- actions and resources, by document
@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
        ("s3:HeadObject", HERE, [("s3:GetObject", OBJECT)]),
        ("s3:GetObject", {**HERE, "VersionId": "v"}, [("s3:GetObjectVersion", OBJECT)]),
        ("s3:HeadBucket", {"Bucket": "evidence"}, [("s3:ListBucket", BUCKET)]),
        ("s3:ListObjectsV2", {"Bucket": "evidence"}, [("s3:ListBucket", BUCKET)]),
        ("s3:ListObjectVersions", {"Bucket": "evidence"}, [("s3:ListBucketVersions", BUCKET)]),
        ("s3:ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("s3:UploadPart", HERE, [("s3:PutObject", OBJECT)]),
        (
            "s3:DeleteObject",
            {**HERE, "VersionId": "v", "BypassGovernanceRetention": True},
            [("s3:DeleteObjectVersion", OBJECT), ("s3:BypassGovernanceRetention", OBJECT)],
        ),
        (
            "s3:DeleteObjects",
            {"Bucket": "evidence", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "v"}]}},
            [("s3:DeleteObject", f"{BUCKET}/a"), ("s3:DeleteObjectVersion", f"{BUCKET}/b")],
        ),
        (
            "s3:CopyObject",
            {**HERE, "CopySource": "from/x/y?versionId=3"},
            [("s3:PutObject", OBJECT), ("s3:GetObjectVersion", "arn:aws:s3:::from/x/y")],
        ),
        (
            "s3:PutObject",
            {**HERE, "ACL": "private", "Tagging": "a=b", "ObjectLockMode": "GOVERNANCE"},
            [
                ("s3:PutObject", OBJECT),
                ("s3:PutObjectAcl", OBJECT),
                ("s3:PutObjectTagging", OBJECT),
                ("s3:PutObjectRetention", OBJECT),
            ],
        ),
        ("s3:PutBucketLifecycleConfiguration", {"Bucket": "evidence"}, [("s3:PutLifecycleConfiguration", BUCKET)]),
        ("s3:GetBucketReplication", {"Bucket": "evidence"}, [("s3:GetReplicationConfiguration", BUCKET)]),
        (
            "s3:GetObject",
            {"Bucket": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/ap", "Key": "k"},
            [("s3:GetObject", f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/ap/object/k")],
        ),
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/using-identity-based-policies.html
        ("dynamodb:Query", {"TableName": "audit"}, [("dynamodb:Query", f"{DYNAMODB}:table/audit")]),
        (
            "dynamodb:Query",
            {"TableName": f"{DYNAMODB}:table/audit", "IndexName": "by-day"},
            [("dynamodb:Query", f"{DYNAMODB}:table/audit/index/by-day")],
        ),
        (
            "dynamodb:BatchGetItem",
            {"RequestItems": {"a": {"Keys": []}, "b": {"Keys": []}}},
            [("dynamodb:BatchGetItem", f"{DYNAMODB}:table/a"), ("dynamodb:BatchGetItem", f"{DYNAMODB}:table/b")],
        ),
        (
            "dynamodb:TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "a", "Item": {}}},
                    {"Delete": {"TableName": "b", "Key": {}}},
                    {"ConditionCheck": {"TableName": "c", "Key": {}}},
                    {"Update": {"TableName": "a", "Key": {}}},
                ]
            },
            [
                ("dynamodb:PutItem", f"{DYNAMODB}:table/a"),
                ("dynamodb:DeleteItem", f"{DYNAMODB}:table/b"),
                ("dynamodb:ConditionCheckItem", f"{DYNAMODB}:table/c"),
                ("dynamodb:UpdateItem", f"{DYNAMODB}:table/a"),
            ],
        ),
        (
            "dynamodb:ExecuteStatement",
            {"Statement": 'SELECT * FROM "audit"."by-day" WHERE d = 1'},
            [("dynamodb:PartiQLSelect", f"{DYNAMODB}:table/audit/index/by-day")],
        ),
        (
            "dynamodb:BatchExecuteStatement",
            {"Statements": [{"Statement": "insert into audit value {'a': 1}"}, {"Statement": "DELETE FROM audit WHERE a = 1"}]},
            [("dynamodb:PartiQLInsert", f"{DYNAMODB}:table/audit"), ("dynamodb:PartiQLDelete", f"{DYNAMODB}:table/audit")],
        ),
        (
            "dynamodb:TagResource",
            {"ResourceArn": f"{DYNAMODB}:table/audit", "Tags": []},
            [("dynamodb:TagResource", f"{DYNAMODB}:table/audit")],
        ),
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
        ("lambda:Invoke", {"FunctionName": "switch"}, [("lambda:InvokeFunction", FUNCTION)]),
        ("lambda:Invoke", {"FunctionName": "switch", "Qualifier": "live"}, [("lambda:InvokeFunction", f"{FUNCTION}:live")]),
        ("lambda:Invoke", {"FunctionName": f"{FUNCTION}:3"}, [("lambda:InvokeFunction", f"{FUNCTION}:3")]),
        ("lambda:Invoke", {"FunctionName": f"{ACCOUNT}:function:switch"}, [("lambda:InvokeFunction", FUNCTION)]),
        ("lambda:ListTags", {"Resource": FUNCTION}, [("lambda:ListTags", FUNCTION)]),
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
        (
            "kms:CreateAlias",
            {"AliasName": "alias/bank", "TargetKeyId": "1234"},
            [("kms:CreateAlias", (f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/bank", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"))],
        ),
        ("kms:Sign", {"KeyId": KEY}, [("kms:Sign", KEY)]),
        (
            "kms:ReEncrypt",
            {"SourceKeyId": "1", "DestinationKeyId": "2"},
            [
                ("kms:ReEncryptFrom", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"),
                ("kms:ReEncryptTo", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/2"),
            ],
        ),
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
        ("rds:DescribeDBInstances", {}, [("rds:DescribeDBInstances", f"{RDS}:db:*")]),
        ("rds:DescribeDBInstances", {"DBInstanceIdentifier": "Bank"}, [("rds:DescribeDBInstances", f"{RDS}:db:bank")]),
        ("rds:DescribeDBInstances", {"DBInstanceIdentifier": f"{RDS}:db:bank"}, [("rds:DescribeDBInstances", f"{RDS}:db:bank")]),
        ("rds:DescribeAccountAttributes", {}, [("rds:DescribeAccountAttributes", "*")]),
        (
            "rds:CreateDBSnapshot",
            {"DBInstanceIdentifier": "bank", "DBSnapshotIdentifier": "now"},
            [("rds:CreateDBSnapshot", (f"{RDS}:db:bank", f"{RDS}:snapshot:now"))],
        ),
        (
            "rds:CopyDBSnapshot",
            {
                "SourceDBSnapshotIdentifier": f"arn:aws:rds:{OTHER}:{ACCOUNT}:snapshot:awsbackup:job-1",
                "TargetDBSnapshotIdentifier": "copy",
            },
            [("rds:CopyDBSnapshot", (f"arn:aws:rds:{OTHER}:{ACCOUNT}:snapshot:awsbackup:job-1", f"{RDS}:snapshot:copy"))],
        ),
        (
            "rds:AddTagsToResource",
            {"ResourceName": f"{RDS}:snapshot:awsbackup:job-1", "Tags": []},
            [("rds:AddTagsToResource", f"{RDS}:snapshot:awsbackup:job-1")],
        ),
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
        ("backup:ListBackupJobs", {}, [("backup:ListBackupJobs", "*")]),
        (
            "backup:DescribeRecoveryPoint",
            {"BackupVaultName": "bank", "RecoveryPointArn": POINT},
            [("backup:DescribeRecoveryPoint", POINT)],
        ),
        (
            "backup:PutBackupVaultLockConfiguration",
            {"BackupVaultName": "bank"},
            [("backup:PutBackupVaultLockConfiguration", VAULT)],
        ),
        ("backup:TagResource", {"ResourceArn": VAULT, "Tags": {}}, [("backup:TagResource", VAULT)]),
        ("backup:TagResource", {"ResourceArn": POINT, "Tags": {}}, [("backup:TagResource", POINT)]),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
        (
            "logs:CreateLogGroup",
            {"logGroupName": "/aws/x"},
            [("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x:log-stream:")],
        ),
        (
            "logs:PutLogEvents",
            {"logGroupName": "/aws/x", "logStreamName": "s"},
            [("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x:log-stream:s")],
        ),
        (
            "logs:TagResource",
            {"resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x", "tags": {}},
            [("logs:TagResource", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x")],
        ),
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
        (
            "ssm:GetParameters",
            {"Names": ["/bank/a:3", "b"]},
            [
                (
                    "ssm:GetParameters",
                    (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/bank/a", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/b"),
                )
            ],
        ),
        (
            "ssm:GetParametersByPath",
            {"Path": "/bank"},
            [("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/bank")],
        ),
        # the others, by their pages of the Service Authorization Reference
        ("states:StartExecution", {"stateMachineArn": MACHINE}, [("states:StartExecution", MACHINE)]),
        (
            "states:StopExecution",
            {"executionArn": MACHINE.replace("stateMachine", "execution") + ":run"},
            [("states:StopExecution", MACHINE.replace("stateMachine", "execution") + ":run")],
        ),
        ("sns:Unsubscribe", {"SubscriptionArn": f"{TOPIC}:0-1"}, [("sns:Unsubscribe", TOPIC)]),
        ("sns:PublishBatch", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
        (
            "sqs:SendMessageBatch",
            {"QueueUrl": f"http://localhost:1/{ACCOUNT}/dead"},
            [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead")],
        ),
        ("events:PutRule", {"Name": "daily"}, [("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/daily")]),
        (
            "events:PutTargets",
            {"Rule": "daily", "EventBusName": "bank", "Targets": []},
            [("events:PutTargets", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/bank/daily")],
        ),
        (
            "events:PutEvents",
            {"Entries": [{"Source": "a"}, {"EventBusName": "bank"}]},
            [
                (
                    "events:PutEvents",
                    (f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/bank"),
                )
            ],
        ),
        (
            "monitoring:PutDashboard",
            {"DashboardName": "d"},
            [("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/d")],
        ),
        ("monitoring:PutMetricData", {"Namespace": "bank"}, [("cloudwatch:PutMetricData", "*")]),
        (
            "monitoring:DescribeAlarms",
            {"AlarmNames": ["a", "b"]},
            [
                (
                    "cloudwatch:DescribeAlarms",
                    (f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:b"),
                )
            ],
        ),
        (
            "route53:ChangeResourceRecordSets",
            {"HostedZoneId": "/hostedzone/Z1", "ChangeBatch": {}},
            [("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")],
        ),
        ("iam:GetRole", {"RoleName": "job"}, [("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/job")]),
        (
            "iam:CreateServiceLinkedRole",
            {"AWSServiceName": "rds.amazonaws.com"},
            [("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/*")],
        ),
        ("sts:AssumeRole", {"RoleArn": ROLE}, [("sts:AssumeRole", ROLE)]),
        ("sts:GetCallerIdentity", {}, []),
        (
            "scheduler:GetSchedule",
            {"Name": "s"},
            [("scheduler:GetSchedule", f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/s")],
        ),
        (
            "cloudformation:DescribeStackEvents",
            {"StackName": "bank"},
            [("cloudformation:DescribeStackEvents", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bank/*")],
        ),
        (
            "elasticloadbalancing:CreateLoadBalancer",
            {"Name": "alb", "Type": "application"},
            [
                (
                    "elasticloadbalancing:CreateLoadBalancer",
                    f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/alb/*",
                )
            ],
        ),
        ("ec2:CreateSubnet", {"VpcId": "vpc-1"}, [("ec2:CreateSubnet", (ec2("vpc/vpc-1"), ec2("subnet/*")))]),
        ("ec2:CreateFlowLogs", {"ResourceIds": ["vpc-1"]}, [("ec2:CreateFlowLogs", (ec2("vpc/vpc-1"), ec2("vpc-flow-log/*")))]),
        (
            "ec2:CreateTags",
            {"Resources": ["vpc-1", "sg-2"]},
            [("ec2:CreateTags", (ec2("security-group/sg-2"), ec2("vpc/vpc-1")))],
        ),
        ("ec2:DescribeVpcs", {"VpcIds": ["vpc-1"]}, [("ec2:DescribeVpcs", "*")]),
        (
            "acm:DescribeCertificate",
            {"CertificateArn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"},
            [("acm:DescribeCertificate", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1")],
        ),
        ("secretsmanager:GetRandomPassword", {}, [("secretsmanager:GetRandomPassword", "*")]),
        (
            "secretsmanager:CreateSecret",
            {"Name": "bank/x"},
            [("secretsmanager:CreateSecret", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:bank/x-??????")],
        ),
        (
            "ecr:DescribeRepositories",
            {"repositoryNames": ["a/b"]},
            [("ecr:DescribeRepositories", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a/b")],
        ),
    ],
)
def test_actions_and_resources(call: str, parameters: dict[str, Any], expected: list[tuple[str, Any]]) -> None:
    found = asked(call, **parameters)
    as_tuples = [(action, (arns,) if isinstance(arns, str) else arns) for action, arns in expected]
    assert [(action, sorted(arns)) for action, arns in shown(found)] == [(action, sorted(arns)) for action, arns in as_tuples]


def test_a_call_that_names_nothing_still_needs_something() -> None:
    for call in (
        "dynamodb:TransactWriteItems",
        "dynamodb:BatchGetItem",
        "dynamodb:ExecuteStatement",
        "s3:DeleteObjects",
        "s3:CopyObject",
    ):
        assert asked(call), call
    assert shown(asked("dynamodb:ExecuteStatement", Statement="what?")) == [("dynamodb:PartiQLUpdate", (f"{DYNAMODB}:table/*",))]


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownActionError):
        asked("s3:FlyToTheMoon")
    with pytest.raises(UnknownActionError):
        asked("moon:Fly")


# ---------------------------------------------------------------- condition values
def test_values_from_the_request() -> None:
    assert one("s3:ListObjectsV2", Bucket="evidence", Prefix="a/", Delimiter="/", MaxKeys=5).context == {
        "s3:prefix": ("a/",),
        "s3:delimiter": ("/",),
        "s3:max-keys": ("5",),
        "s3:resourceaccount": (ACCOUNT,),
    }
    put = asked("s3:PutObject", **HERE, ACL="bucket-owner-full-control", ServerSideEncryption="AES256")[0].context
    assert put["s3:x-amz-acl"] == ("bucket-owner-full-control",)
    assert put["s3:x-amz-server-side-encryption"] == ("AES256",)
    assert one("sns:Subscribe", TopicArn=TOPIC, Protocol="email", Endpoint="a@b").context == {
        "sns:protocol": ("email",),
        "sns:endpoint": ("a@b",),
    }
    assert one("monitoring:PutMetricData", Namespace="bank").context == {"cloudwatch:namespace": ("bank",)}
    assert one("ssm:PutParameter", Name="/x", Overwrite=True).context == {"ssm:overwrite": ("true",)}
    scaling = asked("application-autoscaling:RegisterScalableTarget", ServiceNamespace="dynamodb", ResourceId="table/x")[0]
    assert scaling.context["application-autoscaling:service-namespace"] == ("dynamodb",)
    lock = one("backup:PutBackupVaultLockConfiguration", BackupVaultName="bank", MinRetentionDays=7, ChangeableForDays=3)
    assert lock.context == {"backup:minretentiondays": ("7",), "backup:changeablefordays": ("3",)}
    assert one("sts:AssumeRole", RoleArn=ROLE, ExternalId="x", RoleSessionName="s").context["sts:externalid"] == ("x",)
    assert one("lambda:AddPermission", FunctionName="switch", Principal="events.amazonaws.com").context == {
        "lambda:principal": ("events.amazonaws.com",)
    }
    change = one("cloudformation:ExecuteChangeSet", StackName="bank", ChangeSetName="now")
    assert change.context == {"cloudformation:changesetname": ("now",)}


def test_an_absent_value_is_an_absent_key() -> None:
    found = one("s3:ListObjectsV2", Bucket="evidence").context
    assert "s3:prefix" not in found
    assert "aws:requesttag/a" not in one("rds:AddTagsToResource", ResourceName=f"{RDS}:db:x", Tags=[]).context
    assert "aws:tagkeys" not in one("rds:AddTagsToResource", ResourceName=f"{RDS}:db:x", Tags=[]).context


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("rds:AddTagsToResource", {"ResourceName": f"{RDS}:db:x", "Tags": [{"Key": "Owner", "Value": "bank"}]}),
        ("lambda:TagResource", {"Resource": FUNCTION, "Tags": {"Owner": "bank"}}),
        ("kms:TagResource", {"KeyId": KEY, "Tags": [{"TagKey": "Owner", "TagValue": "bank"}]}),
        ("states:TagResource", {"resourceArn": MACHINE, "tags": [{"key": "Owner", "value": "bank"}]}),
        ("backup:TagResource", {"ResourceArn": VAULT, "Tags": {"Owner": "bank"}}),
        ("ec2:CreateTags", {"Resources": ["vpc-1"], "Tags": [{"Key": "Owner", "Value": "bank"}]}),
    ],
)
def test_request_tags_in_every_shape(call: str, parameters: dict[str, Any]) -> None:
    found = one(call, **parameters).context
    assert found["aws:requesttag/owner"] == ("bank",)
    assert found["aws:tagkeys"] == ("Owner",)


def test_untagging_names_keys_and_no_values() -> None:
    found = one("rds:RemoveTagsFromResource", ResourceName=f"{RDS}:db:x", TagKeys=["Owner"]).context
    assert found["aws:tagkeys"] == ("Owner",)
    assert not [key for key in found if key.startswith("aws:requesttag")]


def test_tags_of_resources_are_each_resources_own() -> None:
    """A restore names several: a statement on a tag must hold for the one that has it, and for no other."""
    drill = Known(tagged={f"{RDS}:db:a": {"recovery-drill": "7"}})
    found = asked("rds:CreateDBSnapshot", drill, DBInstanceIdentifier="a", DBSnapshotIdentifier="s")
    assert shown(found) == [("rds:CreateDBSnapshot", (f"{RDS}:db:a",)), ("rds:CreateDBSnapshot", (f"{RDS}:snapshot:s",))]
    assert found[0].context["aws:resourcetag/recovery-drill"] == ("7",)
    assert found[0].context["rds:db-tag/recovery-drill"] == ("7",)
    assert not [key for key in found[1].context if "tag/" in key]


def test_items_of_a_table() -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    table = Known(known={f"{DYNAMODB}:table/audit": {"partition-key": "client"}})
    get = one(
        "dynamodb:GetItem",
        table,
        TableName="audit",
        Key={"client": {"S": "7"}, "at": {"S": "x"}},
        ProjectionExpression="#n, total",
        ExpressionAttributeNames={"#n": "name"},
    )
    assert get.context["dynamodb:leadingkeys"] == ("7",)
    assert get.context["dynamodb:attributes"] == ("client", "at", "name", "total")
    query = one(
        "dynamodb:Query",
        table,
        TableName="audit",
        KeyConditionExpression="#c = :c and begins_with(#t, :t)",
        ExpressionAttributeNames={"#c": "client", "#t": "at"},
        ExpressionAttributeValues={":c": {"S": "8"}, ":t": {"S": "2026"}},
        Select="COUNT",
    )
    assert query.context["dynamodb:leadingkeys"] == ("8",)
    assert query.context["dynamodb:attributes"] == ("client", "at")
    assert query.context["dynamodb:select"] == ("COUNT",)
    batch = one(
        "dynamodb:BatchWriteItem",
        table,
        RequestItems={
            "audit": [{"PutRequest": {"Item": {"client": {"S": "1"}}}}, {"DeleteRequest": {"Key": {"client": {"S": "2"}}}}]
        },
    )
    assert batch.context["dynamodb:leadingkeys"] == ("1", "2")
    update = one(
        "dynamodb:UpdateItem",
        table,
        TableName="audit",
        Key={"client": {"S": "7"}},
        UpdateExpression="SET #p = :p, n = if_not_exists(n, :one) REMOVE old",
        ExpressionAttributeNames={"#p": "plan"},
    )
    assert update.context["dynamodb:attributes"] == ("client", "plan", "n", "old")
    write = asked(
        "dynamodb:TransactWriteItems", table, TransactItems=[{"Put": {"TableName": "audit", "Item": {"client": {"S": "9"}}}}]
    )
    assert write[0].context["dynamodb:leadingkeys"] == ("9",)
    assert write[0].context["dynamodb:enclosingoperation"] == ("TransactWriteItems",)


def test_keys_of_kms() -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html"""
    alias = Known(arns={("kms", "alias/bank"): KEY}, known={KEY: {"aliases": "alias/bank,alias/old", "spec": "ECC_NIST_P256"}})
    sign = one("kms:Sign", alias, KeyId="alias/bank", SigningAlgorithm="ECDSA_SHA_256", Message="x")
    assert sign.resources == (KEY,)
    assert sign.context["kms:requestalias"] == ("alias/bank",)
    assert sign.context["kms:resourcealiases"] == ("alias/bank", "alias/old")
    assert sign.context["kms:keyspec"] == ("ECC_NIST_P256",)
    assert sign.context["kms:signingalgorithm"] == ("ECDSA_SHA_256",)
    assert sign.context["kms:calleraccount"] == (ACCOUNT,)
    assert "kms:viaservice" not in sign.context
    decrypt = one(
        "kms:Decrypt", Known(arns={("kms-ciphertext", "Ym9i"): KEY}), CiphertextBlob="Ym9i", EncryptionContext={"Purpose": "x"}
    )
    assert decrypt.resources == (KEY,)
    assert decrypt.context["kms:encryptioncontext:purpose"] == ("x",)
    assert decrypt.context["kms:encryptioncontextkeys"] == ("Purpose",)
    grant = one(
        "kms:CreateGrant",
        KeyId=KEY,
        GranteePrincipal=ROLE,
        Operations=["Decrypt", "Encrypt"],
        Constraints={"EncryptionContextSubset": {"a": "b"}},
    )
    assert grant.context["kms:grantoperations"] == ("Decrypt", "Encrypt")
    assert grant.context["kms:grantconstrainttype"] == ("EncryptionContextSubset",)
    assert grant.context["kms:grantisforawsresource"] == ("false",)


def test_values_that_are_made_of_members() -> None:
    records = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "API.Bank.example.", "Type": "A"}}]}
    assert one("route53:ChangeResourceRecordSets", HostedZoneId="Z", ChangeBatch=records).context == {
        "route53:changeresourcerecordsetsactions": ("UPSERT",),
        "route53:changeresourcerecordsetsnormalizedrecordnames": ("api.bank.example",),
        "route53:changeresourcerecordsetsrecordtypes": ("A",),
    }
    assert one("states:StartExecution", stateMachineArn=f"{MACHINE}:live").resources == (MACHINE,)
    assert one("states:StartExecution", stateMachineArn=f"{MACHINE}:live").context == {"states:statemachinequalifier": ("live",)}
    vpc = Known(known={ec2("subnet/subnet-1"): {"vpc": "vpc-9"}})
    function = asked("lambda:UpdateFunctionConfiguration", vpc, FunctionName="switch", VpcConfig={"SubnetIds": ["subnet-1"]})[0]
    assert function.context == {"lambda:subnetids": ("subnet-1",), "lambda:vpcids": ("vpc-9",)}
    rule = one(
        "events:PutRule",
        Name="r",
        EventPattern=json.dumps({"source": ["aws.backup"], "detail-type": ["Backup Job State Change"]}),
    )
    assert rule.context == {"events:source": ("aws.backup",), "events:detail-type": ("Backup Job State Change",)}
    running = Known(known={f"{RDS}:db:bank": {"class": "db.t4g.micro", "engine": "mysql"}})
    assert one("rds:RebootDBInstance", running, DBInstanceIdentifier="bank").context["rds:databaseclass"] == ("db.t4g.micro",)
    environment = f"arn:aws:elasticbeanstalk:{REGION}:{ACCOUNT}:environment/bank/user"
    restart = asked(
        "elasticbeanstalk:RestartAppServer", Known(arns={("environment", "user"): environment}), EnvironmentName="user"
    )[0]
    assert restart.resources == (environment,)
    assert restart.context == {
        "elasticbeanstalk:inapplication": (f"arn:aws:elasticbeanstalk:{REGION}:{ACCOUNT}:application/bank",)
    }


# ------------------------------------------------------------------ roles handed over
@pytest.mark.parametrize(
    ("call", "parameters", "service"),
    [
        ("lambda:CreateFunction", {"FunctionName": "switch", "Role": ROLE}, "lambda.amazonaws.com"),
        ("states:CreateStateMachine", {"name": "recover", "roleArn": ROLE}, "states.amazonaws.com"),
        ("states:UpdateStateMachine", {"stateMachineArn": MACHINE, "roleArn": ROLE}, "states.amazonaws.com"),
        ("backup:StartRestoreJob", {"RecoveryPointArn": POINT, "IamRoleArn": ROLE}, "backup.amazonaws.com"),
        ("backup:CreateBackupSelection", {"BackupPlanId": "p", "BackupSelection": {"IamRoleArn": ROLE}}, "backup.amazonaws.com"),
        ("events:PutTargets", {"Rule": "r", "Targets": [{"Arn": MACHINE, "RoleArn": ROLE}]}, "events.amazonaws.com"),
        ("scheduler:CreateSchedule", {"Name": "s", "Target": {"Arn": MACHINE, "RoleArn": ROLE}}, "scheduler.amazonaws.com"),
        ("rds:CreateDBInstance", {"DBInstanceIdentifier": "b", "MonitoringRoleArn": ROLE}, "monitoring.rds.amazonaws.com"),
        ("s3:PutBucketReplication", {"Bucket": "b", "ReplicationConfiguration": {"Role": ROLE}}, "s3.amazonaws.com"),
        (
            "cloudformation:CreateChangeSet",
            {"StackName": "s", "ChangeSetName": "c", "RoleARN": ROLE},
            "cloudformation.amazonaws.com",
        ),
        ("iam:AddRoleToInstanceProfile", {"InstanceProfileName": "p", "RoleName": "job"}, "ec2.amazonaws.com"),
        ("ec2:CreateFlowLogs", {"ResourceIds": ["vpc-1"], "DeliverLogsPermissionArn": ROLE}, "vpc-flow-logs.amazonaws.com"),
    ],
)
def test_every_operation_that_takes_a_role_passes_it(call: str, parameters: dict[str, Any], service: str) -> None:
    found = of(asked(call, Known(arns={("role", "job"): ROLE}), **parameters), "iam:PassRole")
    assert found.resources == (ROLE,)
    assert found.context["iam:passedtoservice"] == (service,)
    assert found.source.startswith("https://docs.aws.amazon.com/")


def test_a_passed_role_names_what_it_is_for() -> None:
    found = of(asked("lambda:CreateFunction", FunctionName="switch", Role=ROLE), "iam:PassRole")
    assert found.context["iam:associatedresourcearn"] == (FUNCTION,)


def test_no_role_no_pass() -> None:
    assert "iam:PassRole" not in dict(shown(asked("cloudformation:UpdateStack", StackName="s")))
    assert "iam:PassRole" not in dict(shown(asked("events:PutTargets", Rule="r", Targets=[{"Arn": TOPIC}])))


# ----------------------------------------------------------------- tags on creation
def test_a_stack_is_tagged_without_a_right_of_its_own() -> None:
    tags = [{"Key": "a", "Value": "b"}]
    for call in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        found = asked(f"cloudformation:{call}", StackName="bank", ChangeSetName="change", Tags=tags)
        assert {need.action for need in found} == {f"cloudformation:{call}"}


def test_what_is_made_is_tagged_and_not_what_it_is_made_of() -> None:
    lookup = Known(tagged={f"{RDS}:db:live": {"environment": "dev"}})
    names = {"SourceDBInstanceIdentifier": "live", "TargetDBInstanceIdentifier": "new"}
    found = asked("rds:RestoreDBInstanceToPointInTime", lookup, **names, Tags=[{"Key": "a", "Value": "b"}])
    assert [need.resources for need in found if need.action == "rds:AddTagsToResource"] == [(f"{RDS}:db:new",)]


@pytest.mark.parametrize(
    ("call", "parameters", "action", "resource"),
    [
        (
            "rds:RestoreDBInstanceFromDBSnapshot",
            {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "s", "Tags": [{"Key": "a", "Value": "b"}]},
            "rds:AddTagsToResource",
            f"{RDS}:db:new",
        ),
        (
            "rds:CopyDBSnapshot",
            {"SourceDBSnapshotIdentifier": "s", "TargetDBSnapshotIdentifier": "t", "Tags": [{"Key": "a", "Value": "b"}]},
            "rds:AddTagsToResource",
            f"{RDS}:snapshot:t",
        ),
        ("backup:CreateBackupVault", {"BackupVaultName": "bank", "BackupVaultTags": {"a": "b"}}, "backup:TagResource", VAULT),
        (
            "dynamodb:CreateTable",
            {"TableName": "t", "Tags": [{"Key": "a", "Value": "b"}]},
            "dynamodb:TagResource",
            f"{DYNAMODB}:table/t",
        ),
        ("lambda:CreateFunction", {"FunctionName": "switch", "Tags": {"a": "b"}}, "lambda:TagResource", FUNCTION),
        (
            "logs:CreateLogGroup",
            {"logGroupName": "/x", "tags": {"a": "b"}},
            "logs:TagResource",
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/x",
        ),
        (
            "iam:CreateRole",
            {"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}]},
            "iam:TagRole",
            f"arn:aws:iam::{ACCOUNT}:role/r",
        ),
        ("sns:CreateTopic", {"Name": "alerts", "Tags": [{"Key": "a", "Value": "b"}]}, "sns:TagResource", TOPIC),
        (
            "elasticloadbalancing:CreateLoadBalancer",
            {"Name": "alb", "Tags": [{"Key": "a", "Value": "b"}]},
            "elasticloadbalancing:AddTags",
            f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/alb/*",
        ),
        (
            "ec2:CreateVpc",
            {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]},
            "ec2:CreateTags",
            ec2("vpc/*"),
        ),
        (
            "kms:CreateKey",
            {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
            "kms:TagResource",
            f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*",
        ),
        (
            "secretsmanager:CreateSecret",
            {"Name": "x", "Tags": [{"Key": "a", "Value": "b"}]},
            "secretsmanager:TagResource",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:x-??????",
        ),
        (
            "ssm:PutParameter",
            {"Name": "/x", "Tags": [{"Key": "a", "Value": "b"}]},
            "ssm:AddTagsToResource",
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/x",
        ),
    ],
)
def test_tags_on_creation_need_the_right_to_tag(call: str, parameters: dict[str, Any], action: str, resource: str) -> None:
    found = of(asked(call, **parameters), action)
    assert found.resources == (resource,)
    assert found.context["aws:requesttag/a"] == ("b",)
    assert found.context["aws:tagkeys"] == ("a",)
    assert found.source.startswith("https://docs.aws.amazon.com/")
    without = {name: value for name, value in parameters.items() if "Tag" not in name and name != "tags"}
    assert action not in dict(shown(asked(call, **without)))


def test_tags_of_creation_say_which_call_created() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html"""
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    assert of(asked("ec2:CreateVpc", TagSpecifications=tags), "ec2:CreateTags").context["ec2:createaction"] == ("CreateVpc",)
    assert "ec2:createaction" not in one("ec2:CreateTags", Resources=["vpc-1"], Tags=[{"Key": "a", "Value": "b"}]).context


# ------------------------------------------------------------- keys in the caller's name
RESTORES = [
    ("RestoreDBInstanceFromDBSnapshot", {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "s"}, f"{RDS}:snapshot:s"),
    (
        "RestoreDBInstanceToPointInTime",
        {"TargetDBInstanceIdentifier": "new", "SourceDBInstanceIdentifier": "old"},
        f"{RDS}:db:old",
    ),
    (
        "RestoreDBInstanceToPointInTime",
        {"TargetDBInstanceIdentifier": "new", "SourceDBInstanceAutomatedBackupsArn": f"{RDS}:auto-backup:ab-1"},
        f"{RDS}:auto-backup:ab-1",
    ),
    ("CreateDBInstanceReadReplica", {"DBInstanceIdentifier": "new", "SourceDBInstanceIdentifier": "old"}, f"{RDS}:db:old"),
]


@pytest.mark.parametrize(("operation", "parameters", "source"), RESTORES)
def test_rds_uses_a_key_for_its_caller(operation: str, parameters: dict[str, Any], source: str) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"""
    found = asked(f"rds:{operation}", Known(keys={source: KEY}), **parameters)
    via = {"kms:viaservice": (f"rds.{REGION}.amazonaws.com",), "kms:calleraccount": (ACCOUNT,)}
    grant, describe = of(found, "kms:CreateGrant"), of(found, "kms:DescribeKey")
    assert grant.resources == describe.resources == (KEY,)
    assert grant.context == via | {"kms:grantisforawsresource": ("true",)}
    assert describe.context == via
    assert (
        grant.source == describe.source == "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"
    )
    assert not [need for need in asked(f"rds:{operation}", **parameters) if need.action.startswith("kms:")]


def test_rds_asks_for_default_groups_where_none_are_named() -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/security_iam_id-based-policy-examples-create-and-modify-examples.html"""
    snapshot = Known(known={f"{RDS}:snapshot:s": {"engine": "mysql", "engine-version": "8.0.41"}})
    arns = [
        arn
        for need in asked("rds:RestoreDBInstanceFromDBSnapshot", snapshot, DBInstanceIdentifier="new", DBSnapshotIdentifier="s")
        for arn in need.resources
    ]
    assert sorted(arns) == [
        f"{RDS}:db:new",
        f"{RDS}:og:default:mysql-8-0",
        f"{RDS}:pg:default.mysql8.0",
        f"{RDS}:snapshot:s",
        f"{RDS}:subgrp:default",
    ]
    named = asked(
        "rds:RestoreDBInstanceFromDBSnapshot",
        snapshot,
        DBInstanceIdentifier="new",
        DBSnapshotIdentifier="s",
        OptionGroupName="o",
        DBParameterGroupName="p",
        DBSubnetGroupName="n",
    )
    assert {f"{RDS}:og:o", f"{RDS}:pg:p", f"{RDS}:subgrp:n"} <= {arn for need in named for arn in need.resources}


@pytest.mark.parametrize(
    ("call", "parameters", "resource", "actions"),
    [
        ("s3:GetObject", HERE, OBJECT, ["kms:Decrypt"]),
        ("s3:PutObject", HERE, BUCKET, ["kms:GenerateDataKey"]),
        ("s3:CreateMultipartUpload", HERE, BUCKET, ["kms:GenerateDataKey"]),
        ("s3:UploadPart", HERE, BUCKET, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("s3:CompleteMultipartUpload", HERE, BUCKET, ["kms:Decrypt"]),
        ("sns:Publish", {"TopicArn": TOPIC}, TOPIC, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("secretsmanager:GetSecretValue", {"SecretId": SECRET}, SECRET, ["kms:Decrypt"]),
        ("secretsmanager:PutSecretValue", {"SecretId": SECRET}, SECRET, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("dynamodb:GetItem", {"TableName": "t", "Key": {}}, f"{DYNAMODB}:table/t", ["kms:Decrypt"]),
        (
            "dynamodb:TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t", "Item": {}}}]},
            f"{DYNAMODB}:table/t",
            ["kms:Decrypt"],
        ),
        (
            "sqs:SendMessage",
            {"QueueUrl": f"http://x/{ACCOUNT}/q"},
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:q",
            ["kms:GenerateDataKey", "kms:Decrypt"],
        ),
        (
            "ssm:GetParameter",
            {"Name": "/x", "WithDecryption": True},
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/x",
            ["kms:Decrypt"],
        ),
    ],
)
def test_services_use_keys_for_their_callers(call: str, parameters: dict[str, Any], resource: str, actions: list[str]) -> None:
    found = [need for need in asked(call, Known(keys={resource: KEY}), **parameters) if need.action.startswith("kms:")]
    assert [need.action for need in found] == actions
    service = call.partition(":")[0]
    for need in found:
        assert need.resources == (KEY,)
        assert need.context["kms:viaservice"] == (f"{service}.{REGION}.amazonaws.com",)
        assert need.context["kms:encryptioncontextkeys"]
        assert need.source.startswith("https://docs.aws.amazon.com/")
    assert not [need for need in asked(call, **parameters) if need.action.startswith("kms:")]


def test_encryption_of_s3_is_the_requests_first() -> None:
    bucket = Known(keys={BUCKET: KEY})
    assert "kms:GenerateDataKey" not in dict(shown(asked("s3:PutObject", bucket, **HERE, ServerSideEncryption="AES256")))
    other = KEY.replace("1234abcd", "deadbeef")
    named = of(asked("s3:PutObject", bucket, **HERE, ServerSideEncryption="aws:kms", SSEKMSKeyId=other), "kms:GenerateDataKey")
    assert named.resources == (other,)
    assert of(asked("s3:PutObject", bucket, **HERE), "kms:GenerateDataKey").context["kms:encryptioncontext:aws:s3:arn"] == (
        OBJECT,
    )
    cheap = Known(keys={BUCKET: KEY}, known={BUCKET: {"bucket-key": "true"}})
    assert of(asked("s3:PutObject", cheap, **HERE), "kms:GenerateDataKey").context["kms:encryptioncontext:aws:s3:arn"] == (
        BUCKET,
    )


def test_a_vault_is_made_with_its_key() -> None:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html"""
    found = asked("backup:CreateBackupVault", BackupVaultName="bank", EncryptionKeyArn=KEY)
    assert [need.action for need in found][1:] == [
        "backup-storage:MountCapsule",
        "kms:CreateGrant",
        "kms:DescribeKey",
        "kms:RetireGrant",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    ]
    assert of(found, "kms:CreateGrant").context["kms:encryptioncontextkeys"] == ("aws:backup:backup-vault",)
    assert of(found, "kms:CreateGrant").context["kms:grantisforawsresource"] == ("true",)


def test_a_restored_table_is_filled_in_the_callers_name() -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html"""
    source, target = f"{DYNAMODB}:table/old", f"{DYNAMODB}:table/new"
    found = asked("dynamodb:RestoreTableToPointInTime", Known(keys={source: KEY}), SourceTableName="old", TargetTableName="new")
    assert set(found[0].resources) == {source, target}
    for action in ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"):
        assert of(found, f"dynamodb:{action}").resources == (target,)
    assert of(found, "kms:CreateGrant").resources == (KEY,)
    backup = f"{source}/backup/01"
    from_backup = asked("dynamodb:RestoreTableFromBackup", Known(keys={source: KEY}), BackupArn=backup, TargetTableName="new")
    assert set(from_backup[0].resources) == {backup, target}
    assert of(from_backup, "kms:DescribeKey").resources == (KEY,)


def test_a_replica_is_made_in_its_own_region() -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html"""
    there = f"arn:aws:dynamodb:{OTHER}:{ACCOUNT}:table/t"
    made = asked("dynamodb:UpdateTable", TableName="t", ReplicaUpdates=[{"Create": {"RegionName": OTHER}}])
    assert of(made, "dynamodb:CreateTableReplica").resources == (there,)
    assert of(made, "dynamodb:Scan").resources == (there,)
    gone = asked("dynamodb:UpdateTable", TableName="t", ReplicaUpdates=[{"Delete": {"RegionName": OTHER}}])
    assert of(gone, "dynamodb:DeleteTableReplica").resources == (there,)


# --------------------------------------------------------------------- the other services
def test_quotas_are_read_of_their_service() -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html"""
    assert "rds:DescribeAccountAttributes" in dict(
        shown(asked("servicequotas:GetServiceQuota", ServiceCode="rds", QuotaCode="L-1"))
    )
    assert "dynamodb:DescribeLimits" in dict(
        shown(asked("servicequotas:GetServiceQuota", ServiceCode="dynamodb", QuotaCode="L-1"))
    )
    assert len(asked("servicequotas:GetServiceQuota", ServiceCode="lambda", QuotaCode="L-1")) == 1


def test_scaling_uses_alarms_and_tables() -> None:
    """https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html"""
    policy = asked("application-autoscaling:PutScalingPolicy", ServiceNamespace="dynamodb", ResourceId="table/t", PolicyName="p")
    assert {"cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"} <= dict(shown(policy)).keys()
    target = asked("application-autoscaling:RegisterScalableTarget", ServiceNamespace="dynamodb", ResourceId="table/t/index/i")
    assert of(target, "dynamodb:UpdateTable").resources == (f"{DYNAMODB}:table/t",)


def test_beanstalk_uses_its_callers_rights() -> None:
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-user.html"""
    found = dict(shown(asked("elasticbeanstalk:RestartAppServer", EnvironmentName="user")))
    assert {
        "ec2:DescribeInstances",
        "autoscaling:DescribeAutoScalingGroups",
        "cloudformation:DescribeStackResources",
    } <= found.keys()


TEMPLATE = {
    "Parameters": {
        "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"},
        "Activated": {"Type": "String"},
    },
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}


def test_a_stacks_parameters_are_read_for_whoever_changes_it() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bank/1"
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
    given = [
        {"ParameterKey": "Image", "ParameterValue": "/images/linux"},
        {"ParameterKey": "Activated", "ParameterValue": "true"},
    ]
    body = of(
        asked("cloudformation:CreateStack", StackName="bank", TemplateBody=json.dumps(TEMPLATE), Parameters=given),
        "ssm:GetParameters",
    )
    assert body.resources == (f"{parameter}/cdk-bootstrap/x/version", f"{parameter}/images/linux")
    role = f"arn:aws:iam::{ACCOUNT}:role/executes"
    by_role = {"StackName": "bank", "TemplateBody": json.dumps(TEMPLATE), "Parameters": given, "RoleARN": role}
    assert "ssm:GetParameters" not in {need.action for need in asked("cloudformation:CreateStack", **by_role)}
    ((whose, need),) = role_needs("cloudformation", "CreateStack", by_role, region=REGION, account=ACCOUNT, lookup=Known())
    assert (whose, need) == (role, body)
    there = Known(
        arns={("stack", "bank"): stack},
        known={stack: {"template": json.dumps(TEMPLATE), "parameter/Image": "/images/old", "parameter/BootstrapVersion": "/a"}},
    )
    kept = [{"ParameterKey": "Image", "UsePreviousValue": True}]
    previous = asked("cloudformation:UpdateStack", there, StackName="bank", UsePreviousTemplate=True, Parameters=kept)
    assert previous[0].resources == (stack,)
    assert of(previous, "ssm:GetParameters").resources == (f"{parameter}/a", f"{parameter}/images/old")


def test_a_template_in_s3_is_read_by_the_caller() -> None:
    url = f"https://assets.s3.{REGION}.amazonaws.com/a/t.json"
    text = Known(
        known={"arn:aws:s3:::assets/a/t.json": {"text": json.dumps(TEMPLATE)}}, keys={"arn:aws:s3:::assets/a/t.json": KEY}
    )
    for form in (url, f"https://s3.{REGION}.amazonaws.com/assets/a/t.json"):
        found = asked("cloudformation:CreateChangeSet", text, StackName="bank", ChangeSetName="c", TemplateURL=form)
        assert of(found, "s3:GetObject").resources == ("arn:aws:s3:::assets/a/t.json",)
        assert of(found, "kms:Decrypt").context["kms:viaservice"] == (f"s3.{REGION}.amazonaws.com",)
        assert of(found, "ssm:GetParameters")


def test_code_and_layers_of_a_function_are_read_by_the_caller() -> None:
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l:2"
    found = asked(
        "lambda:CreateFunction",
        FunctionName="switch",
        Code={"S3Bucket": "code", "S3Key": "k"},
        Layers=[layer],
        VpcConfig={"SubnetIds": ["s"]},
    )
    assert of(found, "s3:GetObject").resources == ("arn:aws:s3:::code/k",)
    assert of(found, "lambda:GetLayerVersion").resources == (layer,)
    assert {"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"} <= dict(shown(found)).keys()


# ------------------------------------------------------------------- of the roles themselves
def of_role(call: str, lookup: Known | None = None, **parameters: Any) -> list[tuple[str, Need]]:
    service, operation = call.split(":")
    return list(role_needs(service, operation, parameters, region=REGION, account=ACCOUNT, lookup=lookup or Known()))


def test_network_interfaces_are_the_execution_roles() -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    found = of_role("lambda:CreateFunction", FunctionName="switch", Role=ROLE, VpcConfig=network)
    assert {role for role, _ in found} == {ROLE}
    actions = {need.action: need.resources for _, need in found}
    assert actions["ec2:CreateNetworkInterface"] == (
        ec2("network-interface/*"),
        ec2("subnet/subnet-1"),
        ec2("security-group/sg-1"),
    )
    assert {"ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets"} <= actions.keys()
    assert of_role("lambda:CreateFunction", FunctionName="switch", Role=ROLE) == []
    assert of_role("lambda:CreateFunction", FunctionName="switch", Role=ROLE, VpcConfig={"SubnetIds": []}) == []
    known = Known(known={FUNCTION: {"role": ROLE}})
    assert of_role("lambda:UpdateFunctionConfiguration", known, FunctionName="switch", VpcConfig=network)[0][0] == ROLE


def test_both_ends_of_a_copy_are_the_roles() -> None:
    """https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html"""
    there = f"arn:aws:backup:{OTHER}:{ACCOUNT}:backup-vault:copies"
    copy = {"RecoveryPointArn": POINT, "DestinationBackupVaultArn": there, "IamRoleArn": ROLE, "SourceBackupVaultName": "bank"}
    found = {need.action: need for _, need in of_role("backup:StartCopyJob", **copy)}
    assert found["backup:CopyIntoBackupVault"].resources == (there,)
    assert found["backup:CopyFromBackupVault"].resources == (POINT,)
    assert found["backup:CopyFromBackupVault"].context == {"backup:copytargets": (there,)}
    assert "backup:CopyIntoBackupVault" not in dict(shown(asked("backup:StartCopyJob", **copy)))
    foreign = {**copy, "DestinationBackupVaultArn": there.replace(ACCOUNT, "999999999999")}
    assert "backup:CopyIntoBackupVault" in dict(shown(asked("backup:StartCopyJob", **foreign)))


def test_a_table_is_restored_by_a_role_that_may_fill_it() -> None:
    point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
    found = of_role("backup:StartRestoreJob", RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={"targetTableName": "new"})
    actions = {need.action for _, need in found}
    assert {"dynamodb:RestoreTableFromAwsBackup", "dynamodb:PutItem", "dynamodb:Scan"} <= actions
    assert {arn for _, need in found for arn in need.resources} == {f"{DYNAMODB}:table/new"}
    backup = of_role("backup:StartBackupJob", ResourceArn=f"{DYNAMODB}:table/t", IamRoleArn=ROLE, BackupVaultName="bank")
    assert [need.action for _, need in backup] == ["dynamodb:StartAwsBackupJob"]


def test_a_state_machine_that_waits_for_another_needs_its_rule() -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"""
    waits = json.dumps({"States": {"Run": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}}})
    found = of_role("states:CreateStateMachine", name="m", roleArn=ROLE, definition=waits)
    assert {need.action for _, need in found} == {"events:PutTargets", "events:PutRule", "events:DescribeRule"}
    assert of_role("states:CreateStateMachine", name="m", roleArn=ROLE, definition="{}") == []

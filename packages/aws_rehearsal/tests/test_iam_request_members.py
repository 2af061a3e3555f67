"""A request's members come out as they went in, in every protocol, and the request can be read again."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.serialize import create_serializer
from moto.core.utils import get_service_model

from aws_rehearsal import operations, transport
from aws_rehearsal.gateway import Gateway
from aws_rehearsal.iam.request_members import MalformedRequestError, members

REGION = "ap-southeast-1"
Environ = dict[str, Any]


def request(service: str, method: str, **parameters: Any) -> tuple[Environ, bytes]:
    """The environ of what boto3 would send, and its body."""
    connect: Any = boto3.client
    client = connect(
        service, region_name=REGION, endpoint_url="http://localhost:1", aws_access_key_id="caller", aws_secret_access_key="secret"
    )
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        raise ConnectionAbortedError

    client.meta.events.register("before-send", answer)
    with pytest.raises(ConnectionAbortedError):
        getattr(client, method)(**parameters)
    environ = transport.environ(sent[0], port=1)
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    return environ, body


def parsed(environ: Environ) -> dict[str, Any]:
    _, service, _ = Gateway._scope(environ)
    return members(environ, service, operations.operation(environ, service))


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("dynamodb", "put_item", {"TableName": "ledger", "Item": {"id": {"S": "1"}}}),
        (
            "kms",
            "create_grant",
            {
                "KeyId": "k",
                "GranteePrincipal": "p",
                "Operations": ["Decrypt"],
                "Constraints": {"EncryptionContextEquals": {"a": "b"}},
            },
        ),
        (
            "rds",
            "describe_db_snapshots",
            {"DBInstanceIdentifier": "db", "Filters": [{"Name": "engine", "Values": ["mysql", "x"]}]},
        ),
        (
            "rds",
            "add_tags_to_resource",
            {"ResourceName": "arn:aws:rds:r:1:db:x", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]},
        ),
        (
            "sns",
            "create_topic",
            {"Name": "alerts", "Attributes": {"KmsMasterKeyId": "alias/k"}, "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        ("ec2", "create_tags", {"Resources": ["vpc-1", "subnet-2"], "Tags": [{"Key": "a", "Value": "b"}]}),
        (
            "ec2",
            "create_subnet",
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/24",
                "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}],
            },
        ),
        (
            "backup",
            "start_restore_job",
            {
                "RecoveryPointArn": "arn:aws:rds:r:1:snapshot:awsbackup:job-1",
                "Metadata": {"DBInstanceIdentifier": "x"},
                "IamRoleArn": "arn:aws:iam::1:role/r",
            },
        ),
        (
            "backup",
            "describe_recovery_point",
            {"BackupVaultName": "v", "RecoveryPointArn": "arn:aws:rds:r:1:snapshot:awsbackup:job-1"},
        ),
        (
            "lambda",
            "add_permission",
            {
                "FunctionName": "f",
                "Qualifier": "live",
                "StatementId": "s",
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
            },
        ),
        (
            "lambda",
            "create_function",
            {
                "FunctionName": "f",
                "Role": "arn:aws:iam::1:role/r",
                "Code": {"S3Bucket": "code", "S3Key": "k"},
                "VpcConfig": {"SubnetIds": ["s"]},
                "Tags": {"a": "b"},
            },
        ),
        ("s3", "list_objects_v2", {"Bucket": "evidence", "Prefix": "a b/ü", "Delimiter": "/", "MaxKeys": 7}),
        (
            "s3",
            "put_object_tagging",
            {"Bucket": "evidence", "Key": "a/b c?d", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}},
        ),
        ("s3", "copy_object", {"Bucket": "to", "Key": "k", "CopySource": {"Bucket": "from", "Key": "x/y"}}),
        ("s3", "delete_objects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}}),
        (
            "s3",
            "put_object_retention",
            {"Bucket": "b", "Key": "k", "Retention": {"Mode": "GOVERNANCE"}, "BypassGovernanceRetention": True},
        ),
        (
            "route53",
            "change_resource_record_sets",
            {
                "HostedZoneId": "Z1",
                "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "a.b", "Type": "A", "TTL": 60}}]},
            },
        ),
        ("stepfunctions", "start_execution", {"stateMachineArn": "arn:aws:states:r:1:stateMachine:m", "input": "{}"}),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]}),
        (
            "secretsmanager",
            "create_secret",
            {"Name": "a/b", "SecretString": "x", "ClientRequestToken": "0" * 32, "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        ("sqs", "send_message", {"QueueUrl": "http://localhost/1/q", "MessageBody": "x"}),
        ("elasticbeanstalk", "describe_environments", {"EnvironmentNames": ["bank-user", "bank-ai"]}),
        (
            "application-autoscaling",
            "register_scalable_target",
            {"ServiceNamespace": "dynamodb", "ResourceId": "table/x", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"},
        ),
        ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "a", "Value": "b"}]}),
    ],
)
def test_members_are_what_was_asked(service: str, method: str, parameters: dict[str, Any]) -> None:
    environ, body = request(service, method, **parameters)
    found = parsed(environ)
    if method == "copy_object":
        parameters = {**parameters, "CopySource": "from/x/y"}
    assert {name: found.get(name) for name in parameters} == parameters
    assert environ["wsgi.input"].read() == body


def test_data_is_neither_read_nor_a_member() -> None:
    """The bytes of an object, the event of a function: megabytes, which no need depends on."""
    for service, method, parameters in (
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x" * 1000, "ServerSideEncryption": "aws:kms"}),
        ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}", "Qualifier": "live"}),
    ):
        environ, body = request(service, method, **parameters)
        found = parsed(environ)
        assert environ["wsgi.input"].tell() == 0
        assert not {"Body", "Payload"} & found.keys()
        assert environ["wsgi.input"].read() == body
        assert all(found[name] == value for name, value in parameters.items() if name not in {"Body", "Payload"})


def test_the_newest_protocol_of_cloudwatch_is_read() -> None:
    model = get_service_model("cloudwatch")
    parameters = {"AlarmNames": ["a", "b"], "MaxRecords": 3, "StartDate": datetime(2026, 11, 2, tzinfo=UTC)}
    parameters.pop("StartDate")
    serialized = create_serializer("smithy-rpc-v2-cbor").serialize_to_request(parameters, model.operation_model("DescribeAlarms"))
    body = serialized["body"]
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": serialized["url_path"],
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/cbor",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_SMITHY_PROTOCOL": "rpc-v2-cbor",
        "wsgi.input": io.BytesIO(body),
    }
    assert operations.operation(environ, "monitoring") == "DescribeAlarms"
    assert members(environ, "monitoring", "DescribeAlarms") == parameters
    assert environ["wsgi.input"].read() == body


def test_a_body_that_is_none_is_malformed() -> None:
    environ, _ = request("kms", "list_keys")
    environ |= {"wsgi.input": io.BytesIO(b"{nothing"), "CONTENT_LENGTH": "8"}
    with pytest.raises(MalformedRequestError):
        members(environ, "kms", "ListKeys")


def test_an_operation_that_no_model_knows_has_no_members() -> None:
    environ, _ = request("kms", "list_keys")
    assert members(environ, "kms", "FlyToTheMoon") == {}
    assert members(environ, "moon", "Fly") == {}

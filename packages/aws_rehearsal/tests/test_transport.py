"""A call of this process is the call that comes through the port: the same request, the same answer."""

from __future__ import annotations

import copy
import gc
import io
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from aws_rehearsal import Cloud
from aws_support.callers import through_the_port

REGION, BUCKET = "ap-southeast-1", "notes-of-the-bank"
KEY = "a b/ü+c?d=1&e%20f"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        place = {"LocationConstraint": REGION}
        cloud.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield cloud


def over_the_wire(cloud: Cloud, service: str) -> Any:
    return through_the_port(cloud, service, REGION)


@pytest.mark.parametrize("body", [b"text", "text", io.BytesIO(b"text" * 5000), b""], ids=["bytes", "str", "file", "nothing"])
def test_what_one_writes_the_other_reads(cloud: Cloud, body: Any) -> None:
    here, there = cloud.client("s3", REGION), over_the_wire(cloud, "s3")
    here.put_object(Bucket=BUCKET, Key=KEY, Body=body, Metadata={"kind": "a note"})
    found = there.get_object(Bucket=BUCKET, Key=KEY)
    text = found["Body"].read()
    assert text in {b"text", b"text" * 5000, b""}
    same = here.get_object(Bucket=BUCKET, Key=KEY)
    assert same["Body"].read() == text
    assert (same["ETag"], same["Metadata"], same["ContentLength"]) == (found["ETag"], {"kind": "a note"}, len(text))
    assert here.head_object(Bucket=BUCKET, Key=KEY)["ContentLength"] == len(text)
    assert [each["Key"] for each in there.list_objects_v2(Bucket=BUCKET)["Contents"]] == [KEY]


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("dynamodb", "describe_table", {"TableName": "none"}),
        ("s3", "get_object", {"Bucket": BUCKET, "Key": "none"}),
        ("rds", "describe_db_instances", {"DBInstanceIdentifier": "none"}),
        ("lambda", "get_function", {"FunctionName": "none"}),
        ("ec2", "describe_subnets", {"SubnetIds": ["subnet-none"]}),
    ],
)
def test_a_refusal_is_the_same_in_every_protocol(cloud: Cloud, service: str, call: str, arguments: dict[str, Any]) -> None:
    said = []
    for client in (cloud.client(service, REGION), over_the_wire(cloud, service)):
        with pytest.raises(ClientError) as caught:
            getattr(client, call)(**arguments)
        answer: Any = caught.value.response
        said.append((answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]))
    assert said[0] == said[1]


def test_both_are_counted_and_a_lost_region_answers_neither(cloud: Cloud) -> None:
    before = cloud.gateway.calls["eu-west-1", "sts", "GetCallerIdentity"]
    cloud.client("sts", "eu-west-1").get_caller_identity()
    assert cloud.gateway.calls["eu-west-1", "sts", "GetCallerIdentity"] == before + 1
    cloud.lose_region("eu-west-1")
    with pytest.raises(ClientError, match="eu-west-1 is unavailable"):
        cloud.client("sts", "eu-west-1").get_caller_identity()


def test_a_cloud_that_has_stopped_answers_nobody(tmp_path: Any) -> None:
    with Cloud(directory=tmp_path) as stopped:
        client = stopped.client("sts", REGION)
        assert client.get_caller_identity()["Account"]
    with pytest.raises(EndpointConnectionError):
        client.get_caller_identity()


def test_what_a_cloud_kept_in_s3_is_collected_in_silence_after_it_stopped(tmp_path: Any) -> None:
    """Warnings are errors here: one in a collection would fail whatever test it falls into."""
    kept = []
    with Cloud(directory=tmp_path) as other:
        s3 = other.client("s3", REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=BUCKET, Key="late", Body=b"text")
        (bucket,) = [each for each in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.values() if each.name == BUCKET]
        kept.append(copy.deepcopy(bucket.keys["late"]))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        kept.clear()
        gc.collect()
    assert [each for each in said if "disposed" in str(each.message)] == []

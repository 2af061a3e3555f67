"""Policies are asked before a call has any effect: of functions and state machines, and of keys that IAM and STS gave out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud, removals
from aws_support.callers import through_the_port
from aws_support.functions import create as create_function
from aws_support.functions import invoke
from aws_support.state_machines import Machine, sdk

REGION, OTHER = "ap-southeast-1", "ap-southeast-2"
BUCKET = f"papers-{ACCOUNT}"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/logs"
LISTING = """\
import boto3

def handler(event, context):
    try:
        boto3.client("backup", region_name=event["region"]).list_backup_vaults()
    except Exception as error:
        return str(error)
    return "listed"
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        cloud.client("dynamodb", REGION).create_table(
            TableName="logs",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        s3 = cloud.client("s3", REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=BUCKET, Key="there", Body=b"text")
        yield cloud


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def role(cloud: Cloud, *statements: dict[str, Any], principal: str = "lambda.amazonaws.com") -> str:
    """The ARN of a new role."""
    iam, name = cloud.client("iam", REGION), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return str(arn)


def in_session(cloud: Cloud, service: str, session: Any) -> Any:
    """A client with what AssumeRole gave."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


class User:
    """A new user with these statements, and clients of it."""

    def __init__(self, cloud: Cloud, *statements: dict[str, Any]) -> None:
        iam, self.name = cloud.client("iam", REGION), f"user-{uuid.uuid4().hex[:8]}"
        self.arn = iam.create_user(UserName=self.name)["User"]["Arn"]
        if statements:
            iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=self.name)["AccessKey"]
        self._cloud, self._keys = cloud, (key["AccessKeyId"], key["SecretAccessKey"])

    def client(self, service: str, region: str = REGION) -> Any:
        key, secret = self._keys
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self._cloud.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str, int]:
    """Code, message and status of a refusal."""
    with pytest.raises(ClientError) as raised:
        call(*arguments, **named)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def items(cloud: Cloud) -> set[str]:
    return {each["id"]["S"] for each in cloud.client("dynamodb", REGION).scan(TableName="logs")["Items"]}


def test_a_user_without_a_policy_is_refused_as_on_aws_and_nothing_happens(cloud: Cloud) -> None:
    user = User(cloud)
    code, message, status = refused(user.client("dynamodb").put_item, TableName="logs", Item={"id": {"S": "refused"}})
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        f"User: {user.arn} is not authorized to perform: dynamodb:PutItem on resource: {TABLE} because no identity-based policy "
        "allows the dynamodb:PutItem action"
    )
    assert "refused" not in items(cloud)


def test_a_user_may_what_its_policy_says_and_no_more(cloud: Cloud) -> None:
    dynamodb = User(cloud, allow("dynamodb:PutItem", resource=TABLE)).client("dynamodb")
    dynamodb.put_item(TableName="logs", Item={"id": {"S": "allowed"}})
    assert "allowed" in items(cloud)
    assert refused(dynamodb.delete_item, TableName="logs", Key={"id": {"S": "allowed"}})[0] == "AccessDeniedException"
    assert "allowed" in items(cloud)


def test_a_deny_wins(cloud: Cloud) -> None:
    deny = {"Effect": "Deny", "Action": "dynamodb:DeleteItem", "Resource": "*"}
    dynamodb = User(cloud, allow("dynamodb:*"), deny).client("dynamodb")
    dynamodb.put_item(TableName="logs", Item={"id": {"S": "kept"}})
    assert "with an explicit deny" in refused(dynamodb.delete_item, TableName="logs", Key={"id": {"S": "kept"}})[1]
    assert "kept" in items(cloud)


def test_a_role_is_passed_only_by_who_may_pass_it(cloud: Cloud) -> None:
    given = role(cloud)
    user = User(cloud, allow("states:*"))
    definition = json.dumps({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})
    make = {"name": "passing", "definition": definition, "roleArn": given}
    _, message, _ = refused(user.client("stepfunctions").create_state_machine, **make)
    assert f"iam:PassRole on resource: {given}" in message
    User(cloud, allow("states:*"), allow("iam:PassRole", resource=given)).client("stepfunctions").create_state_machine(**make)


def test_an_assumed_role_is_judged_by_its_policies(cloud: Cloud) -> None:
    iam, name = cloud.client("iam", REGION), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(allow("s3:ListAllMyBuckets")))
    user = User(cloud, allow("sts:AssumeRole", resource=arn))
    assert refused(User(cloud).client("sts").assume_role, RoleArn=arn, RoleSessionName="hand")[0] == "AccessDenied"
    session = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="hand")["Credentials"]
    s3 = in_session(cloud, "s3", session)
    assert BUCKET in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    assert refused(s3.get_object, Bucket=BUCKET, Key="there")[0] == "AccessDenied"


@pytest.mark.parametrize(("actions", "expected"), [(("s3:GetObject",), 403), (("s3:GetObject", "s3:ListBucket"), 404)])
def test_whether_a_key_is_there_is_told_only_to_who_may_list(cloud: Cloud, actions: tuple[str, ...], expected: int) -> None:
    s3 = User(cloud, allow(*actions)).client("s3")
    assert s3.get_object(Bucket=BUCKET, Key="there")["Body"].read() == b"text"
    assert refused(s3.get_object, Bucket=BUCKET, Key="absent")[2] == expected
    assert refused(s3.head_object, Bucket=BUCKET, Key="absent")[2] == expected


def test_functions_of_one_name_have_each_the_role_of_its_own_region(cloud: Cloud) -> None:
    """Wherever they call: the region of a request is not that of its caller."""
    name, files = f"lister-{uuid.uuid4().hex[:8]}", {"lister.py": LISTING}
    create_function(cloud, name, files, Handler="lister.handler", Role=role(cloud, allow("backup:ListBackupVaults")))
    create_function(cloud, name, files, region=OTHER, Handler="lister.handler", Role=role(cloud))
    for there in (REGION, OTHER):
        event = {"region": there}
        answer, error, log = invoke(cloud, name, event)
        assert (answer, error) == ("listed", None), log
        answer, error, log = invoke(cloud, name, event, region=OTHER)
        assert error is None, log
        assert "is not authorized to perform: backup:ListBackupVaults" in answer
        assert f"/{name} is not" in answer


def test_a_state_machine_that_may_not_fails_with_the_service_s_error(cloud: Cloud) -> None:
    states = {"List": sdk("dynamodb:listTables", {})}
    machine = Machine(cloud, states, role=role(cloud, principal="states.amazonaws.com").rpartition("/")[2])
    ended = machine.run()
    assert ended["status"] == "FAILED"
    assert "dynamodb:ListTables" in ended["cause"]


def test_every_decision_is_counted_with_the_statement_that_was_missing(cloud: Cloud) -> None:
    user = User(cloud, allow("dynamodb:GetItem", resource=TABLE))
    user.client("dynamodb").get_item(TableName="logs", Key={"id": {"S": "any"}})
    refused(user.client("dynamodb").scan, TableName="logs")
    found = {each.action: (each.allowed, each.why) for each in cloud.guard.judged if each.role == user.arn}
    assert found["dynamodb:GetItem"][0]
    assert not found["dynamodb:Scan"][0]
    assert f"Allow dynamodb:Scan on {TABLE}" in found["dynamodb:Scan"][1]


def test_a_right_that_is_taken_away_is_missed_only_where_nothing_else_gives_it(cloud: Cloud) -> None:
    """Of a role that lists vaults by two statements, reads its own metrics by one, and never deletes."""
    name, files = f"lister-{uuid.uuid4().hex[:8]}", {"lister.py": LISTING}
    twice = allow("backup:ListBackupVaults", "backup:DeleteBackupVault"), allow("backup:List*")
    arn = role(cloud, *twice)
    create_function(cloud, name, files, Handler="lister.handler", Role=arn)
    assert invoke(cloud, name, {"region": REGION})[0] == "listed"
    found = {(each.statement, each.action): each for _, each in removals([arn], cloud.guard.samples.values())}
    assert {key: (each.used, each.denied) for key, each in found.items()} == {
        ("statement 1", "backup:listbackupvaults"): (True, ()),
        ("statement 1", "backup:deletebackupvault"): (False, ()),
        ("statement 2", "backup:list*"): (True, ()),
    }
    cloud.client("iam", REGION).put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="own", PolicyDocument=policy(twice[0])
    )
    (listing, deleting) = [each for _, each in removals([arn], cloud.guard.samples.values())]
    assert listing.denied == ("backup:ListBackupVaults",)
    assert not deleting.used


def test_calls_are_counted_by_the_name_of_the_role_or_the_user(cloud: Cloud) -> None:
    """Issued keys are drawn anew each time; whose they are is what a count is asked for."""
    iam, name = cloud.client("iam", REGION), f"role-{uuid.uuid4().hex[:8]}"
    user = User(cloud)
    trust = {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(Path="/people/", RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    for person in ("ana", "ben"):
        session = user.client("sts").assume_role(RoleArn=arn, RoleSessionName=person)["Credentials"]
        in_session(cloud, "sts", session).get_caller_identity()
    assert cloud.gateway.callers[name, REGION, "sts", "GetCallerIdentity"] == 2
    assert cloud.gateway.callers[user.name, REGION, "sts", "AssumeRole"] == 2
    through_the_port(cloud, "sts", REGION, "somebody").get_caller_identity()
    assert cloud.gateway.callers["somebody", REGION, "sts", "GetCallerIdentity"] == 1


@pytest.mark.parametrize("name", ["alias/nobody-has-it", "11111111-2222-3333-4444-555555555555"])
def test_of_a_key_that_is_not_there_kms_says_so_to_whoever_may_ask(cloud: Cloud, name: str) -> None:
    """It has no policy that could name the account: what the caller's own policies say is all there is."""
    keys = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"
    asking = User(cloud, allow("kms:DescribeKey", resource=keys)).client("kms")
    assert refused(asking.describe_key, KeyId=name)[0] == "NotFoundException"
    assert refused(User(cloud).client("kms").describe_key, KeyId=name)[0] == "AccessDeniedException"

"""The judge reads what moto and our own services hold: identities, resource policies, grants, access keys."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.iam import callers, identities
from aws_rehearsal.iam.decisions import Decision, Layer
from aws_rehearsal.iam.documents import document
from aws_rehearsal.iam.judge import Judge
from aws_rehearsal.iam.need import Need
from aws_rehearsal.iam.principals import Principal, root, service
from aws_rehearsal.iam.request import Environment
from aws_support.functions import create as create_function
from aws_support.functions import trust as trust_functions
from aws_support.state_machines import Machine

REGION = "ap-southeast-1"
HERE = Environment(REGION)
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/audit"
NOBODY = f"arn:aws:iam::{ACCOUNT}:role/nobody"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


TRUST = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud") / "cloud") as cloud:
        trust_functions(cloud)
        yield cloud


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam", "us-east-1")


@pytest.fixture
def role(iam: Any, request: pytest.FixtureRequest) -> str:
    """A role named after the test, which Lambda may assume."""
    name = re.sub(r"\W", "-", request.node.name.removeprefix("test_"))[:64]
    tags = [{"Key": "Team", "Value": "blue"}]
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=tags)["Role"]["Arn"])


def name_of(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def decide(cloud: Cloud, principal: Principal, action: str, *resources: str) -> Decision:
    return Judge(cloud).decide(principal, Need(action, resources or ("*",)), HERE)


# ---------------------------------------------------------------------- identities
def test_inline_attached_and_managed_policies_of_a_role(cloud: Cloud, iam: Any, role: str) -> None:
    night = identities.session(role, "night")
    assert not decide(cloud, night, "dynamodb:PutItem", TABLE).allowed
    iam.put_role_policy(RoleName=name_of(role), PolicyName="write", PolicyDocument=policy(allow("dynamodb:PutItem", TABLE)))
    assert decide(cloud, night, "dynamodb:PutItem", TABLE).why == f"{name_of(role)}/write (statement 1)"
    own = iam.create_policy(PolicyName=f"{name_of(role)}-own", PolicyDocument=policy(allow("dynamodb:DeleteItem", TABLE)))[
        "Policy"
    ]
    iam.attach_role_policy(RoleName=name_of(role), PolicyArn=own["Arn"])
    assert decide(cloud, night, "dynamodb:DeleteItem", TABLE).why == f"{own['Arn']} (statement 1)"
    assert not decide(cloud, night, "dynamodb:GetItem", TABLE).allowed
    iam.attach_role_policy(RoleName=name_of(role), PolicyArn=READ_ONLY)
    assert decide(cloud, night, "dynamodb:GetItem", TABLE).by.policy == READ_ONLY  # type: ignore[union-attr]
    iam.delete_role_policy(RoleName=name_of(role), PolicyName="write")
    assert not decide(cloud, night, "dynamodb:PutItem", TABLE).allowed  # at once


def test_the_default_version_of_a_managed_policy_counts(cloud: Cloud, iam: Any, role: str) -> None:
    own = iam.create_policy(PolicyName=f"{name_of(role)}-own", PolicyDocument=policy(allow("dynamodb:PutItem")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name_of(role), PolicyArn=own)
    iam.create_policy_version(PolicyArn=own, PolicyDocument=policy(allow("dynamodb:GetItem")), SetAsDefault=True)
    night = identities.session(role, "night")
    assert not decide(cloud, night, "dynamodb:PutItem", TABLE).allowed
    assert decide(cloud, night, "dynamodb:GetItem", TABLE).allowed


def test_a_permissions_boundary_limits_a_role(cloud: Cloud, iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=name_of(role), PolicyName="all", PolicyDocument=policy(allow("*")))
    iam.put_role_permissions_boundary(RoleName=name_of(role), PermissionsBoundary=READ_ONLY)
    night = identities.session(role, "night")
    assert decide(cloud, night, "dynamodb:GetItem", TABLE).allowed
    assert decide(cloud, night, "dynamodb:PutItem", TABLE).layer is Layer.BOUNDARY


def test_a_boundary_that_is_not_there_allows_nothing(cloud: Cloud, iam: Any, role: str) -> None:
    """Stock moto takes one."""
    iam.put_role_policy(RoleName=name_of(role), PolicyName="all", PolicyDocument=policy(allow("*")))
    night = identities.session(role, "night")
    assert decide(cloud, night, "dynamodb:GetItem", TABLE).allowed
    iam.put_role_permissions_boundary(RoleName=name_of(role), PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/absent")
    assert decide(cloud, night, "dynamodb:GetItem", TABLE).layer is Layer.BOUNDARY


def test_tags_of_a_role_and_of_its_session(cloud: Cloud, iam: Any, role: str) -> None:
    rule = allow("dynamodb:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}})
    iam.put_role_policy(RoleName=name_of(role), PolicyName="own", PolicyDocument=policy(rule))
    blue, red = identities.session(role, "s"), identities.session(role, "s", tags={"Team": "red"})
    need = Need("dynamodb:PutItem", (TABLE,), {"aws:resourcetag/team": ("blue",)})
    assert Judge(cloud).decide(blue, need, HERE).allowed
    assert not Judge(cloud).decide(red, need, HERE).allowed


def test_a_user_has_the_policies_of_its_groups(cloud: Cloud, iam: Any) -> None:
    arn = iam.create_user(UserName="ada", Tags=[{"Key": "team", "Value": "blue"}])["User"]["Arn"]
    iam.create_group(GroupName="operators")
    rule = allow("dynamodb:PutItem", f"arn:aws:dynamodb:*:*:table/${{aws:username}}-{'${aws:PrincipalTag/team}'}")
    iam.put_group_policy(GroupName="operators", PolicyName="own", PolicyDocument=policy(rule))
    mine = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ada-blue"
    assert not decide(cloud, identities.as_user(arn), "dynamodb:PutItem", mine).allowed
    iam.add_user_to_group(GroupName="operators", UserName="ada")
    assert decide(cloud, identities.as_user(arn), "dynamodb:PutItem", mine).allowed
    assert not decide(cloud, identities.as_user(arn), "dynamodb:PutItem", TABLE).allowed


def test_a_role_that_is_not_there_may_nothing(cloud: Cloud) -> None:
    assert not decide(cloud, identities.session(NOBODY, "s"), "dynamodb:PutItem", TABLE).allowed
    assert decide(cloud, identities.session(NOBODY, "s"), "sts:GetCallerIdentity").allowed  # which needs no permission


def test_every_resource_of_a_need_must_be_allowed(cloud: Cloud, iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=name_of(role), PolicyName="one", PolicyDocument=policy(allow("dynamodb:BatchGetItem", TABLE)))
    night = identities.session(role, "night")
    assert decide(cloud, night, "dynamodb:BatchGetItem", TABLE).allowed
    denied = decide(cloud, night, "dynamodb:BatchGetItem", TABLE, f"{TABLE}-2")
    assert (denied.allowed, denied.resource) == (False, f"{TABLE}-2")


# ---------------------------------------------------------------------- resource policies
def bucket(client: Any, name: str, document: str | None) -> tuple[str, str]:
    name = f"{name}-{time.perf_counter_ns()}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if document:
        client.put_bucket_policy(Bucket=name, Policy=document)
    return f"arn:aws:s3:::{name}/some/key", "s3:GetObject"


def topic(client: Any, name: str, document: str | None) -> tuple[str, str]:
    arn = client.create_topic(Name=name)["TopicArn"]
    if document:
        client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
    return arn, "sns:Publish"


def queue(client: Any, name: str, document: str | None) -> tuple[str, str]:
    url = client.create_queue(QueueName=name, Attributes={"Policy": document} if document else {})["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn, "sqs:SendMessage"


def secret(client: Any, name: str, document: str | None) -> tuple[str, str]:
    arn = client.create_secret(Name=name, SecretString="x")["ARN"]
    if document:
        client.put_resource_policy(SecretId=arn, ResourcePolicy=document)
    return arn, "secretsmanager:GetSecretValue"


def index(client: Any, name: str, document: str | None) -> tuple[str, str]:
    key = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    of = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}
    arn = client.create_table(TableName=name, **key, **of)["TableDescription"]["TableArn"]
    if document:
        client.put_resource_policy(ResourceArn=arn, Policy=document)
    return f"{arn}/index/by-day", "dynamodb:Query"


def vault(client: Any, name: str, document: str | None) -> tuple[str, str]:
    arn = client.create_backup_vault(BackupVaultName=name)["BackupVaultArn"]
    if document:
        client.put_backup_vault_access_policy(BackupVaultName=name, Policy=document)
    return arn, "backup:StartBackupJob"


MAKERS = {"s3": bucket, "sns": topic, "sqs": queue, "secretsmanager": secret, "dynamodb": index, "backup": vault}
"""A resource with a resource policy: its ARN, and an action on it."""


def made(cloud: Cloud, kind: str, document: str | None) -> tuple[str, str]:
    return MAKERS[kind](cloud.client(kind, REGION), "judged-open" if document else "judged-closed", document)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_resource_policy_is_read(cloud: Cloud, role: str, kind: str) -> None:
    night = identities.session(role, "night")
    closed, action = made(cloud, kind, None)
    assert not decide(cloud, night, action, closed).allowed
    rule = {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": role}, "Action": action, "Resource": "*"}
    opened, action = made(cloud, kind, policy(rule))
    decision = decide(cloud, night, action, opened)
    assert decision.allowed
    assert decision.by is not None
    assert (decision.by.statement, decision.by.layer) == ("Open", Layer.RESOURCE)
    assert not decide(cloud, identities.session(NOBODY, "s"), action, opened).allowed


def test_a_topic_speaks_for_services_only_if_its_policy_says_so(cloud: Cloud) -> None:
    """moto gives a topic the default policy of AWS, whose condition EventBridge does not meet."""
    events = service("events.amazonaws.com", source_arn=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/tampering")
    arn, action = made(cloud, "sns", None)
    denied = decide(cloud, events, action, arn)
    assert not denied.allowed
    assert "AWS:SourceOwner".lower() in denied.why
    rule = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
    cloud.client("sns", REGION).set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(rule))
    assert decide(cloud, events, action, arn).allowed


def test_a_vault_policy_counts_for_the_recovery_points_in_it(cloud: Cloud, iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=name_of(role), PolicyName="all", PolicyDocument=policy(allow("*")))
    client, night = cloud.client("backup", REGION), identities.session(role, "night")
    client.create_backup_vault(BackupVaultName="guarded")
    backup: Any = cloud.services["backup"]
    point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
    backup.books(REGION).vaults["guarded"].points[point] = None
    assert decide(cloud, night, "backup:DeleteRecoveryPoint", point).allowed
    rule = {"Sid": "Keep", "Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    client.put_backup_vault_access_policy(BackupVaultName="guarded", Policy=policy(rule))
    assert decide(cloud, night, "backup:DeleteRecoveryPoint", point).why.endswith("(Keep)")
    assert decide(cloud, root(ACCOUNT), "backup:DeleteRecoveryPoint", point).allowed is False
    assert decide(cloud, night, "backup:DeleteRecoveryPoint", f"{point}-of-another-vault").allowed


@pytest.mark.parametrize(("given", "who"), [("events.amazonaws.com", "service"), (ACCOUNT, "account")])
def test_a_function_policy_as_add_permission_wrote_it(cloud: Cloud, iam: Any, role: str, given: str, who: str) -> None:
    name = f"called-by-{who}"
    arn = create_function(cloud, name, {"f.py": "def handler(event, context): pass"}, Handler="f.handler")
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/x"
    events = service("events.amazonaws.com", source_arn=rule)
    assert not decide(cloud, events, "lambda:InvokeFunction", arn).allowed
    more = {"SourceArn": rule} if who == "service" else {}
    cloud.client("lambda", REGION).add_permission(
        FunctionName=name, StatementId="S", Action="lambda:InvokeFunction", Principal=given, **more
    )
    assert decide(cloud, events, "lambda:InvokeFunction", arn).allowed is (who == "service")
    other = service("events.amazonaws.com", source_arn=f"{rule}-other")
    assert not decide(cloud, other, "lambda:InvokeFunction", arn).allowed
    night = identities.session(role, "night")
    assert not decide(cloud, night, "lambda:InvokeFunction", arn).allowed
    iam.put_role_policy(RoleName=name_of(role), PolicyName="call", PolicyDocument=policy(allow("lambda:InvokeFunction", arn)))
    assert decide(cloud, night, "lambda:InvokeFunction", arn).allowed


def test_a_key_by_policy_and_by_grant(cloud: Cloud, iam: Any, role: str) -> None:
    kms, night = cloud.client("kms", REGION), identities.session(role, "night")
    iam.put_role_policy(RoleName=name_of(role), PolicyName="use", PolicyDocument=policy(allow("kms:*")))
    delegated = kms.create_key()["KeyMetadata"]["Arn"]
    assert decide(cloud, night, "kms:Decrypt", delegated).allowed
    only = policy({"Effect": "Allow", "Principal": {"AWS": NOBODY}, "Action": "kms:*", "Resource": "*"})
    closed = kms.create_key(Policy=only)["KeyMetadata"]["Arn"]
    assert decide(cloud, night, "kms:Decrypt", closed).layer is Layer.RESOURCE
    grant = kms.create_grant(KeyId=closed, GranteePrincipal=role, Operations=["Decrypt"])["GrantId"]
    assert decide(cloud, night, "kms:Decrypt", closed).why == f"{closed} (grant {grant})"
    assert not decide(cloud, night, "kms:Encrypt", closed).allowed
    kms.revoke_grant(KeyId=closed, GrantId=grant)
    assert not decide(cloud, night, "kms:Decrypt", closed).allowed
    assert decide(cloud, night, "kms:Decrypt", f"{closed[:-1]}x").allowed  # no such key, which is for KMS to say


def test_a_trust_policy_counts_for_assuming_and_for_nothing_else(cloud: Cloud, iam: Any, role: str) -> None:
    assert decide(cloud, service("lambda.amazonaws.com"), "sts:AssumeRole", role).allowed
    assert not decide(cloud, service("events.amazonaws.com"), "sts:AssumeRole", role).allowed
    assert not decide(cloud, service("lambda.amazonaws.com"), "iam:GetRole", role).allowed
    iam.put_role_policy(RoleName=name_of(role), PolicyName="all", PolicyDocument=policy(allow("*")))
    night = identities.session(role, "night")
    assert decide(cloud, night, "iam:PassRole", role).allowed
    denied = decide(cloud, night, "sts:AssumeRole", role)
    assert (denied.allowed, denied.layer) == (False, Layer.TRUST)
    assert "names other principals" in denied.why


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sns:Publish", f"arn:aws:sns:*:{ACCOUNT}:*"),
        ("kms:Decrypt", f"arn:aws:kms:*:{ACCOUNT}:key/*"),
        ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:none"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:nowhere-1:{ACCOUNT}:secret:none"),
        ("s3:GetObject", "arn:aws:s3:::no-such-bucket/key"),
        ("backup:DeleteRecoveryPoint", f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:awsbackup:job-1"),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:none"),
        ("dynamodb:GetRecords", f"{TABLE}/stream/2026-11-02T00:30:00.000"),
        ("sts:AssumeRole", NOBODY),
        ("s3:GetObject", "arn:aws:s3"),
    ],
)
def test_what_is_not_there_has_no_policy(cloud: Cloud, action: str, resource: str) -> None:
    denied = decide(cloud, service("events.amazonaws.com"), action, resource)
    assert (denied.allowed, denied.explicit) == (False, False)


def test_a_role_may_change_while_it_is_judged_by(iam: Any, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    iam.put_role_policy(RoleName=name_of(role), PolicyName="own", PolicyDocument=policy(allow("s3:GetObject")))
    held = identities.role(role)

    def changing(text: str) -> Any:
        held.policies[f"more-{len(held.policies)}"] = text
        return document(text)

    monkeypatch.setattr(identities, "document", changing)
    assert [each.name for each in identities.attached(identities.session(role, "s"))[0]] == [f"{name_of(role)}/own"]


# ---------------------------------------------------------------------- callers
def who(key: str, home: str = "") -> Principal:
    return callers.principal(key, region=REGION, home=home, account=ACCOUNT, roots={"root-key"})


def test_the_role_of_a_function(cloud: Cloud) -> None:
    create_function(cloud, "caller", {"f.py": "def handler(event, context): pass"}, Handler="f.handler")
    role = f"arn:aws:iam::{ACCOUNT}:role/function"
    assert who("caller", REGION).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name_of(role)}/caller"
    assert who("caller", REGION).role_arn == role
    for elsewhere in ("", "ap-southeast-2"):
        with pytest.raises(callers.UnknownKeyError):
            who("caller", elsewhere)


def test_the_role_of_a_state_machine(cloud: Cloud) -> None:
    machine = Machine(cloud, {"Pass": {"Type": "Pass", "End": True}})
    name = machine.arn.rsplit(":", 1)[-1]
    assert who(name).role_arn == f"arn:aws:iam::{ACCOUNT}:role/function"
    with pytest.raises(callers.UnknownKeyError):
        callers.principal(name, region="ap-southeast-2", account=ACCOUNT)


def test_a_function_and_a_state_machine_of_one_name(cloud: Cloud) -> None:
    name = Machine(cloud, {"Pass": {"Type": "Pass", "End": True}}, role="machines").arn.rsplit(":", 1)[-1]
    create_function(cloud, name, {"f.py": "def handler(event, context): pass"}, Handler="f.handler")
    assert (name_of(who(name).role_arn), name_of(who(name, REGION).role_arn)) == ("machines", "function")


def test_a_session_that_was_assumed(cloud: Cloud, iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=name_of(role), PolicyName="all", PolicyDocument=policy(allow("*")))
    answer = cloud.client("sts", REGION).assume_role(
        RoleArn=role, RoleSessionName="by-hand", Policy=policy(allow("dynamodb:GetItem"))
    )
    caller = who(answer["Credentials"]["AccessKeyId"])
    assert caller.arn == answer["AssumedRoleUser"]["Arn"]
    assert caller.keys["aws:userid"] == (answer["AssumedRoleUser"]["AssumedRoleId"],)
    assert decide(cloud, caller, "dynamodb:GetItem", TABLE).allowed
    assert decide(cloud, caller, "dynamodb:PutItem", TABLE).layer is Layer.SESSION


def test_a_user_by_its_key(iam: Any) -> None:
    arn = iam.create_user(UserName="bob")["User"]["Arn"]
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    assert who(key) == identities.as_user(arn)
    iam.update_access_key(UserName="bob", AccessKeyId=key, Status="Inactive")
    with pytest.raises(callers.UnknownKeyError, match=key):
        who(key)


def test_root_and_nobody(cloud: Cloud) -> None:
    del cloud
    assert who("root-key") == root(ACCOUNT)
    with pytest.raises(callers.UnknownKeyError, match="stranger"):
        who("stranger")

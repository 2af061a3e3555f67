"""Who may do what: the rules of "Policy evaluation logic" (IAM User Guide), "Key policies" and "Grants" (KMS), as tables."""

from __future__ import annotations

from typing import Any

import pytest

from aws_rehearsal.iam.decisions import Decision, Layer
from aws_rehearsal.iam.documents import parsed
from aws_rehearsal.iam.evaluation import Policies, Policy, judge
from aws_rehearsal.iam.grants import Grant
from aws_rehearsal.iam.principals import Principal, root, service, session, user
from aws_rehearsal.iam.request import Context, Environment

HERE, THERE = "123456789012", "999999999999"
ROLE, OTHER = f"arn:aws:iam::{HERE}:role/restore", f"arn:aws:iam::{HERE}:role/other"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/restore/night"
USER = f"arn:aws:iam::{HERE}:user/ada"
NIGHT, ADA, ROOT, EVENTS = session(ROLE, "night"), user(USER), root(HERE), service("events.amazonaws.com")
ALIEN = session(f"arn:aws:iam::{THERE}:role/alien", "s")
TABLE = f"arn:aws:dynamodb:ap-southeast-1:{HERE}:table/audit"
KEY = f"arn:aws:kms:ap-southeast-1:{HERE}:key/11111111-2222-3333-4444-555555555555"
TOPIC = f"arn:aws:sns:ap-southeast-1:{HERE}:alerts"
BUCKET = "arn:aws:s3:::evidence"
PUT, USE, PUBLISH, ASSUME = ("dynamodb:PutItem", TABLE), ("kms:Decrypt", KEY), ("sns:Publish", TOPIC), ("sts:AssumeRole", ROLE)

Rule = dict[str, Any]
ALLOW: Rule = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY: Rule = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ELSE: Rule = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
"""Allows something, and not what is asked."""


def to(principal: Any, rule: Rule = ALLOW) -> Rule:
    return rule | {"Principal": principal}


def policy(name: str, *rules: Rule) -> Policy:
    return Policy(name, parsed({"Version": "2012-10-17", "Statement": list(rules)}))


def decide(
    principal: Principal,
    what: tuple[str, str],
    *,
    identity: Rule | None = None,
    boundary: Rule | None = None,
    passed: Rule | None = None,
    resource: Rule | list[Rule] | None = None,
    grants: tuple[Grant, ...] = (),
    **keys: str,
) -> Decision:
    rules = resource if isinstance(resource, list) else [resource] if resource else []
    applying = Policies(
        identity=(policy("identity", identity),) if identity else (),
        boundary=policy("boundary", boundary) if boundary else None,
        session=(policy("session", passed),) if passed else (),
        resource=policy("resource", *rules) if rules else None,
        grants=grants,
    )
    call = {key.replace("__", ":"): (value,) for key, value in keys.items()}
    return judge(principal, *what, applying, Context(call, principal.keys, Environment("ap-southeast-1")))


# ---------------------------------------------------------------------- an explicit deny decides
@pytest.mark.parametrize("where", ["identity", "boundary", "passed", "resource"])
@pytest.mark.parametrize("what", [PUT, USE, PUBLISH], ids=["table", "key", "topic"])
def test_a_deny_anywhere_decides(where: str, what: tuple[str, str]) -> None:
    every: dict[str, Any] = {"identity": ALLOW, "boundary": ALLOW, "passed": ALLOW, "resource": to("*")}
    assert decide(NIGHT, what, **every).allowed
    denying = [to("*"), to("*", DENY)] if where == "resource" else DENY
    decision = decide(NIGHT, what, **(every | {where: denying}))
    assert (decision.allowed, decision.explicit) == (False, True)


DENIED_BY_RESOURCE: list[tuple[Any, Principal, bool]] = [
    ("*", NIGHT, True),
    ("*", ROOT, True),
    ("*", EVENTS, True),
    ({"AWS": HERE}, NIGHT, True),  # the account, and with it all in it
    ({"AWS": HERE}, ADA, True),
    ({"AWS": ROLE}, NIGHT, True),
    ({"AWS": SESSION}, NIGHT, True),
    ({"AWS": OTHER}, NIGHT, False),
    ({"AWS": THERE}, NIGHT, False),
    ({"AWS": f"arn:aws:sts::{HERE}:assumed-role/restore/day"}, NIGHT, False),
    ({"Service": "events.amazonaws.com"}, EVENTS, True),
    ({"Service": "events.amazonaws.com"}, NIGHT, False),
]


@pytest.mark.parametrize(("whom", "principal", "denied"), DENIED_BY_RESOURCE)
def test_whom_a_deny_of_a_resource_policy_means(whom: Any, principal: Principal, denied: bool) -> None:
    decision = decide(principal, PUT, identity=ALLOW, resource=[to("*"), to(whom, DENY)])
    assert decision.allowed is not denied


@pytest.mark.parametrize(
    ("role", "denied"),
    [
        (ROLE, True),
        (
            f"arn:aws:iam::{HERE}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication",
            False,
        ),
    ],
)
def test_a_fence_with_the_documented_exception(role: str, denied: bool) -> None:
    """ "Global tables security" (DynamoDB): the service-linked roles are left out by `aws:PrincipalArn`."""
    exception = "arn:aws:iam::*:role/aws-service-role/replication.dynamodb.amazonaws.com/*"
    fence = to("*", DENY) | {"Condition": {"StringNotLike": {"aws:PrincipalArn": exception}}}
    assert decide(session(role, "s"), PUT, identity=ALLOW, resource=fence).allowed is not denied


# ---------------------------------------------------------------------- identity policies, boundary, session policies
@pytest.mark.parametrize(
    ("identity", "boundary", "passed", "layer"),
    [
        (None, None, None, Layer.IDENTITY),
        (ELSE, None, None, Layer.IDENTITY),
        (ALLOW, ELSE, None, Layer.BOUNDARY),
        (ALLOW, None, ELSE, Layer.SESSION),
        (ALLOW, ALLOW, ELSE, Layer.SESSION),
        (None, ALLOW, ALLOW, Layer.IDENTITY),  # neither of them grants
        (ALLOW, ALLOW, ALLOW, None),
        (ALLOW, None, None, None),
    ],
)
def test_identity_and_boundary_and_session(
    identity: Rule | None, boundary: Rule | None, passed: Rule | None, layer: Layer | None
) -> None:
    decision = decide(NIGHT, PUT, identity=identity, boundary=boundary, passed=passed)
    assert decision.allowed is (layer is None)
    assert not decision.explicit
    if layer:
        assert decision.layer is layer


# ---------------------------------------------------------------------- "Resource-based policies and implicit denies"
RESOURCE: list[tuple[Any, Principal, dict[str, Any], bool]] = [
    # named directly: no implicit deny limits it
    ("*", NIGHT, {}, True),
    ("*", NIGHT, {"boundary": ELSE, "passed": ELSE}, True),
    ({"AWS": SESSION}, NIGHT, {"boundary": ELSE, "passed": ELSE}, True),
    ({"AWS": USER}, ADA, {"boundary": ELSE}, True),
    # the role: boundary and session policies limit it
    ({"AWS": ROLE}, NIGHT, {}, True),
    ({"AWS": ROLE}, NIGHT, {"identity": ELSE}, True),
    ({"AWS": ROLE}, NIGHT, {"boundary": ELSE}, False),
    ({"AWS": ROLE}, NIGHT, {"passed": ELSE}, False),
    ({"AWS": ROLE}, NIGHT, {"boundary": ALLOW, "passed": ALLOW}, True),
    # the account: a delegation, that identity policies take up
    ({"AWS": HERE}, NIGHT, {}, False),
    ({"AWS": HERE}, NIGHT, {"identity": ALLOW}, True),
    # somebody else
    ({"AWS": OTHER}, NIGHT, {}, False),
    ({"AWS": THERE}, NIGHT, {}, False),
    ({"Service": "events.amazonaws.com"}, NIGHT, {}, False),
    # whatever it says, an identity policy is enough
    ({"AWS": OTHER}, NIGHT, {"identity": ALLOW}, True),
]


@pytest.mark.parametrize(("whom", "principal", "more", "allowed"), RESOURCE)
@pytest.mark.parametrize("what", [PUT, PUBLISH, ("s3:GetObject", f"{BUCKET}/x")], ids=["table", "topic", "bucket"])
def test_resource_policies_in_one_account(
    what: tuple[str, str], whom: Any, principal: Principal, more: dict[str, Any], allowed: bool
) -> None:
    assert decide(principal, what, resource=to(whom), **more).allowed is allowed


# ---------------------------------------------------------------------- services
SERVICE: list[tuple[str, Any, dict[str, Any], bool]] = [
    ("no policy", None, {}, False),
    ("another service", to({"Service": "backup.amazonaws.com"}), {}, False),
    ("the account", to({"AWS": HERE}), {}, False),
    ("the service", to({"Service": "events.amazonaws.com"}), {}, True),
    ("everyone", to("*"), {}, True),
    (
        "a condition that is met",
        to({"Service": "events.amazonaws.com"}) | {"Condition": {"StringEquals": {"aws:SourceAccount": HERE}}},
        {"aws__sourceaccount": HERE},
        True,
    ),
    (
        "a condition that is not",
        to({"Service": "events.amazonaws.com"}) | {"Condition": {"StringEquals": {"aws:SourceAccount": HERE}}},
        {"aws__sourceaccount": THERE},
        False,
    ),
    (
        "a condition on a key that EventBridge does not send",
        to({"AWS": "*"}) | {"Condition": {"StringEquals": {"AWS:SourceOwner": HERE}}},
        {},
        False,
    ),
]


@pytest.mark.parametrize(("name", "rule", "keys", "allowed"), SERVICE, ids=[each[0] for each in SERVICE])
def test_a_service_needs_a_resource_policy(name: str, rule: Rule | None, keys: dict[str, Any], allowed: bool) -> None:
    """An identity policy would not help: a service has none."""
    del name
    decision = decide(EVENTS, PUBLISH, resource=rule, identity=None, **keys)
    assert decision.allowed is allowed
    if not allowed:
        assert decision.layer is Layer.RESOURCE


def test_only_the_source_that_is_named() -> None:
    rule = to({"Service": "events.amazonaws.com"}) | {
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{HERE}:rule/tampering*"}}
    }
    named = service("events.amazonaws.com", source_arn=f"arn:aws:events:e:{HERE}:rule/tampering-1")
    assert decide(named, PUBLISH, resource=rule).allowed
    assert not decide(
        service("events.amazonaws.com", source_arn=f"arn:aws:events:e:{HERE}:rule/x"), PUBLISH, resource=rule
    ).allowed
    assert not decide(EVENTS, PUBLISH, resource=rule).allowed


# ---------------------------------------------------------------------- root
@pytest.mark.parametrize(
    ("what", "rule", "allowed"),
    [
        (PUT, None, True),
        (PUT, to({"AWS": OTHER}), True),
        (PUT, to("*", DENY), False),
        (PUT, to({"AWS": HERE}, DENY), False),
        (USE, to({"AWS": HERE}), True),
        (USE, to({"AWS": ROLE}), False),  # "No AWS principal, including the account root user"
        (USE, None, False),
        (("kms:CreateKey", "*"), None, True),
        (ASSUME, to({"AWS": HERE}), False),
    ],
)
def test_root(what: tuple[str, str], rule: Rule | None, allowed: bool) -> None:
    assert decide(ROOT, what, resource=rule).allowed is allowed


# ---------------------------------------------------------------------- keys
KEYS: list[tuple[str, Any, dict[str, Any], bool]] = [
    ("no delegation: an identity policy has no effect", to({"AWS": OTHER}), {"identity": ALLOW}, False),
    ("no policy at all", None, {"identity": ALLOW}, False),
    ("the account, and an identity policy", to({"AWS": HERE}), {"identity": ALLOW}, True),
    ("the account alone", to({"AWS": HERE}), {}, False),
    ("the role", to({"AWS": ROLE}), {}, True),
    ("the role within its boundary", to({"AWS": ROLE}), {"boundary": ELSE}, False),
    ("the session", to({"AWS": SESSION}), {"boundary": ELSE}, True),
    (
        "everyone, by the right service",
        to("*") | {"Condition": {"StringEquals": {"kms:ViaService": "s3"}}},
        {"kms__viaservice": "s3"},
        True,
    ),
    (
        "everyone, by another",
        to("*") | {"Condition": {"StringEquals": {"kms:ViaService": "s3"}}},
        {"kms__viaservice": "rds"},
        False,
    ),
    ("the account, for another action", to({"AWS": HERE}) | {"Action": "kms:Describe*"}, {"identity": ALLOW}, False),
    ("a service only", to({"Service": "events.amazonaws.com"}), {"identity": ALLOW}, False),
]


@pytest.mark.parametrize(("name", "rule", "more", "allowed"), KEYS, ids=[each[0] for each in KEYS])
def test_a_key_is_used_as_its_policy_says(name: str, rule: Rule | None, more: dict[str, Any], allowed: bool) -> None:
    """ "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access to a KMS key." """
    del name
    assert decide(NIGHT, USE, resource=rule, **more).allowed is allowed


@pytest.mark.parametrize("what", [("kms:CreateKey", "*"), ("kms:CreateAlias", f"arn:aws:kms:ap-southeast-1:{HERE}:alias/bank")])
def test_what_has_no_key_policy_needs_an_identity_policy_only(what: tuple[str, str]) -> None:
    assert decide(NIGHT, what, identity=ALLOW).allowed
    assert not decide(NIGHT, what).allowed


def grant(grantee: str, *operations: str, **more: Any) -> Grant:
    return Grant("1", grantee, frozenset(operations), **more)


GRANTS: list[tuple[str, Grant, Principal, str, dict[str, Any], bool]] = [
    ("the role", grant(ROLE, "Decrypt"), NIGHT, "kms:Decrypt", {}, True),
    ("the user", grant(USER, "Decrypt"), ADA, "kms:Decrypt", {}, True),
    ("a service", grant("events.amazonaws.com", "Decrypt"), EVENTS, "kms:Decrypt", {}, True),
    ("another role", grant(OTHER, "Decrypt"), NIGHT, "kms:Decrypt", {}, False),
    ("another operation", grant(ROLE, "Encrypt"), NIGHT, "kms:Decrypt", {}, False),
    ("its own grant", grant(ROLE, "CreateGrant", "Decrypt"), NIGHT, "kms:CreateGrant", {"kms__grantoperations": "Decrypt"}, True),
    (
        "a wider grant",
        grant(ROLE, "CreateGrant", "Decrypt"),
        NIGHT,
        "kms:CreateGrant",
        {"kms__grantoperations": "Encrypt"},
        False,
    ),
    ("whoever may retire it", grant(OTHER, "Decrypt", retiring=ROLE), NIGHT, "kms:RetireGrant", {}, True),
    ("who may not retire it", grant(ROLE, "Decrypt", retiring=OTHER), NIGHT, "kms:RetireGrant", {}, False),
    ("subset", grant(ROLE, "Decrypt", subset={"A": "1"}), NIGHT, "kms:Decrypt", {"kms__encryptioncontext__a": "1"}, True),
    ("no subset", grant(ROLE, "Decrypt", subset={"A": "1"}), NIGHT, "kms:Decrypt", {"kms__encryptioncontext__a": "2"}, False),
    ("no context", grant(ROLE, "Decrypt", subset={"A": "1"}), NIGHT, "kms:Decrypt", {}, False),
    ("no context needed", grant(ROLE, "DescribeKey", subset={"A": "1"}), NIGHT, "kms:DescribeKey", {}, True),
    (
        "more than equal",
        grant(ROLE, "Decrypt", equals={"A": "1"}),
        NIGHT,
        "kms:Decrypt",
        {"kms__encryptioncontext__a": "1", "kms__encryptioncontext__b": "2"},
        False,
    ),
]


@pytest.mark.parametrize("case", GRANTS, ids=[each[0] for each in GRANTS])
def test_grants(case: tuple[str, Grant, Principal, str, dict[str, Any], bool]) -> None:
    """ "Grants in AWS KMS", `GrantConstraints`: a grant allows where no policy does."""
    _, given, principal, action, keys, allowed = case
    decision = decide(principal, (action, KEY), resource=to({"AWS": OTHER}), grants=(given,), **keys)
    assert decision.allowed is allowed
    assert not allowed or decision.layer is Layer.GRANT


def test_a_grant_is_no_answer_to_a_deny() -> None:
    assert not decide(NIGHT, USE, resource=to("*", DENY), grants=(grant(ROLE, "Decrypt"),)).allowed
    assert not decide(NIGHT, USE, identity=DENY, grants=(grant(ROLE, "Decrypt"),)).allowed


# ---------------------------------------------------------------------- roles
TRUST: list[tuple[Any, Principal, Rule | None, bool]] = [
    ({"AWS": HERE}, NIGHT, ALLOW, True),
    ({"AWS": HERE}, NIGHT, None, False),
    ({"AWS": HERE}, ADA, ALLOW, True),
    ({"AWS": USER}, ADA, None, True),
    ({"AWS": USER}, NIGHT, ALLOW, False),  # "they must explicitly allow access for principals"
    ({"Service": "events.amazonaws.com"}, EVENTS, None, True),
    ({"Service": "backup.amazonaws.com"}, EVENTS, None, False),
    ({"Service": "events.amazonaws.com"}, NIGHT, ALLOW, False),
    ({"AWS": HERE}, EVENTS, None, False),
]


@pytest.mark.parametrize(("whom", "principal", "identity", "allowed"), TRUST)
def test_assuming_a_role(whom: Any, principal: Principal, identity: Rule | None, allowed: bool) -> None:
    rule = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": whom}
    assert decide(principal, ASSUME, identity=identity, resource=rule).allowed is allowed


def test_a_role_without_trust_is_assumed_by_nobody() -> None:
    assert not decide(NIGHT, ASSUME, identity=ALLOW).allowed


@pytest.mark.parametrize(("service_name", "allowed"), [("backup.amazonaws.com", True), ("lambda.amazonaws.com", False)])
def test_passing_a_role_is_an_ordinary_need(service_name: str, allowed: bool) -> None:
    """ "Grant a user permissions to pass a role to an AWS service": the role's trust is not asked."""
    rule = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
    }
    assert decide(NIGHT, ("iam:PassRole", ROLE), identity=rule, iam__passedtoservice=service_name).allowed is allowed
    assert not decide(NIGHT, ("iam:PassRole", OTHER), identity=rule, iam__passedtoservice=service_name).allowed


# ---------------------------------------------------------------------- "Cross-account policy evaluation logic"
@pytest.mark.parametrize(
    ("identity", "rule", "allowed"),
    [
        (ALLOW, to({"AWS": THERE}), True),
        (ALLOW, None, False),
        (ALLOW, to({"AWS": HERE}), False),
        (None, to({"AWS": THERE}), False),
        (None, to("*"), False),
        (ALLOW, to("*"), True),
    ],
)
def test_another_account_needs_both_sides(identity: Rule | None, rule: Rule | None, allowed: bool) -> None:
    assert decide(ALIEN, PUT, identity=identity, resource=rule).allowed is allowed


# ---------------------------------------------------------------------- "Example identity-based and resource-based policy"
CARLOS = user(f"arn:aws:iam::{HERE}:user/carlossalazar")
OF_CARLOS = policy(
    "carlos",
    {
        "Sid": "AllowS3ListRead",
        "Effect": "Allow",
        "Action": ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock", "s3:ListAccessPoints", "s3:ListAllMyBuckets"],
        "Resource": "arn:aws:s3:::*",
    },
    {
        "Sid": "AllowS3Self",
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"],
    },
    {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
)


@pytest.mark.parametrize(
    ("action", "resource", "allowed", "by"),
    [
        ("s3:PutObject", "arn:aws:s3:::carlossalazar/file", True, "AllowS3Self"),
        ("s3:PutObject", "arn:aws:s3:::carlossalazar-logs/file", False, "DenyS3Logs"),
        ("s3:GetBucketLocation", "arn:aws:s3:::anything", True, "AllowS3ListRead"),
        ("s3:GetBucketLocation", "arn:aws:s3:::weblogs", False, "DenyS3Logs"),
        ("s3:PutObject", "arn:aws:s3:::anything/file", False, None),
    ],
)
def test_carlos(action: str, resource: str, allowed: bool, by: str | None) -> None:
    decision = judge(CARLOS, action, resource, Policies(identity=(OF_CARLOS,)), Context({}, CARLOS.keys, Environment()))
    assert decision.allowed is allowed
    assert (decision.by.statement if decision.by else None) == by


# ---------------------------------------------------------------------- what the record says
def test_the_deciding_statement_is_named() -> None:
    assert decide(NIGHT, PUT, identity=ALLOW | {"Sid": "Write"}).why == "identity (Write)"
    assert decide(NIGHT, PUT, identity=ALLOW).why == "identity (statement 1)"
    assert decide(NIGHT, PUT, identity=ALLOW, resource=to("*", DENY) | {"Sid": "Fence"}).why == "resource (Fence)"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": f"{TABLE}-x"},
            "identity (statement 1) names other resources",
        ),
        (
            ALLOW | {"Condition": {"StringEquals": {"aws:ResourceTag/env": "prod"}}},
            "asks StringEquals on aws:resourcetag/env: prod, and it is absent",
        ),
        (
            ALLOW | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
            "asks StringEquals on aws:requestedregion: eu-west-1, and it is ap-southeast-1",
        ),
    ],
)
def test_what_was_missing_is_named_and_what_nearly_allowed(rule: Rule, says: str) -> None:
    why = decide(NIGHT, PUT, identity=rule).why
    assert why.startswith(f"Allow dynamodb:PutItem on {TABLE} in an identity-based policy of {ROLE}; ")
    assert says in why


def test_a_resource_policy_for_others_is_named() -> None:
    why = decide(EVENTS, PUBLISH, resource=to({"Service": "backup.amazonaws.com"})).why
    assert why == f"Allow sns:Publish on {TOPIC} in the policy of {TOPIC}; resource (statement 1) names other principals"

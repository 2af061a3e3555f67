"""Statements: actions, resources, principals; from the IAM User Guide's "JSON policy elements reference"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from aws_rehearsal.iam.conditions import PolicyError
from aws_rehearsal.iam.documents import Statement, document, parsed
from aws_rehearsal.iam.principals import Principal, Reach, named, root, service, session, user
from aws_rehearsal.iam.request import Context, Environment

HERE, THERE = "123456789012", "999999999999"
ROLE = f"arn:aws:iam::{HERE}:role/app/Restorer"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Restorer/night"
USER = f"arn:aws:iam::{HERE}:user/ada"
TABLE = f"arn:aws:dynamodb:eu-west-1:{HERE}:table/audit"


def statement(**elements: Any) -> Statement:
    given = {"Effect": "Allow", "Action": "*", "Resource": "*"} | elements
    kept = {key: value for key, value in given.items() if value is not None}
    return parsed({"Version": "2012-10-17", "Statement": [kept]}).statements[0]


# ---------------------------------------------------------------------- "Action", "NotAction"
@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("dynamodb:PutItem", "dynamodb:PutItem", True),
        ("DynamoDB:putitem", "dynamodb:PutItem", True),
        ("dynamodb:*", "dynamodb:PutItem", True),
        ("*", "dynamodb:PutItem", True),
        ("dynamodb:Put*", "dynamodb:PutItem", True),
        ("dynamodb:?utItem", "dynamodb:PutItem", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("dynamodb:Put", "dynamodb:PutItem", False),
        ("dynamodb:PutItem", "dynamodb:PutItems", False),
        ("dax:PutItem", "dynamodb:PutItem", False),
        ("s3:Get*", "s3-object-lambda:GetObject", False),
    ],
)
def test_action(pattern: str, action: str, expected: bool) -> None:
    assert statement(Action=pattern).names_action(action.lower()) is expected
    assert statement(Action=None, NotAction=pattern).names_action(action.lower()) is not expected


def test_several_actions_are_or() -> None:
    several = ["s3:GetObject", "dynamodb:Put*"]
    assert statement(Action=several).names_action("dynamodb:putitem")
    assert not statement(Action=None, NotAction=several).names_action("dynamodb:putitem")
    assert statement(Action=None, NotAction=several).names_action("dynamodb:getitem")


# ---------------------------------------------------------------------- "Resource", "NotResource"
RESOURCES: list[tuple[str, str, bool]] = [
    ("*", TABLE, True),
    ("*", "*", True),
    (TABLE, TABLE, True),
    (TABLE, f"{TABLE}-r1234", False),
    (f"{TABLE}*", f"{TABLE}-r1234", True),
    (f"{TABLE}-r????????", f"{TABLE}-r12345678", True),
    (f"{TABLE}-r????????", f"{TABLE}-r1234567", False),
    (TABLE.upper(), TABLE, False),
    (f"arn:aws:dynamodb:*:{HERE}:table/audit", TABLE, True),
    (f"arn:aws:dynamodb:eu-*:{HERE}:table/audit", TABLE, True),
    (f"arn:aws:dynamodb:eu-west-2:{HERE}:table/audit", TABLE, False),
    (f"arn:aws:dynamodb:*:{THERE}:table/audit", TABLE, False),
    ("arn:aws:dynamodb:*", TABLE, True),  # at the end of a field, a star passes colons
    ("arn:aws:dynamodb:*:table/audit", TABLE, True),
    (f"arn:aws:dynamodb:e*1:{HERE}:table/audit", TABLE, True),
    ("arn:aws:dynamodb:e*2:table/audit", TABLE, False),  # within a field it does not
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank/1/2/test/3/object.jpg", True),
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank/1/test/", True),
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank//test/object.jpg", True),
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank/1-test/object.jpg", False),
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank/test/object.jpg", False),
    ("arn:aws:s3:::bank/*/test/*", "arn:aws:s3:::bank/1/2/test.jpg", False),
    ("arn:aws:s3:::bank/*", "arn:aws:s3:::bank", False),
    ("arn:aws:s3:::bank", "arn:aws:s3:::bank/key", False),
    ("arn:aws:s3:::bank/*", "arn:aws:s3:::bank/a:b", True),
    (
        f"arn:aws:logs:*:{HERE}:log-group:/aws/lambda/*:log-stream:x",
        f"arn:aws:logs:e:{HERE}:log-group:/aws/lambda/f:log-stream:x",
        True,
    ),
    (TABLE, "*", False),  # an action without resources asks for the star itself
    ("arn:aws:dynamodb:*:*:*", "*", False),
    ("arn:aws:iam::*:role/?", f"arn:aws:iam::{HERE}:role/a", True),
    ("arn:aws:s3:::bank/a.b", "arn:aws:s3:::bank/axb", False),
]


@pytest.mark.parametrize(("pattern", "resource", "expected"), RESOURCES)
def test_resource(pattern: str, resource: str, expected: bool) -> None:
    context = Context({}, {}, Environment())
    assert statement(Resource=pattern).names_resource(resource, context) is expected
    assert statement(Resource=None, NotResource=pattern).names_resource(resource, context) is not expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:s3:::bank/${aws:username}/*", "arn:aws:s3:::bank/ada/x", True),
        ("arn:aws:s3:::bank/${aws:username}/*", "arn:aws:s3:::bank/bob/x", False),
        ("arn:aws:s3:::bank-${aws:PrincipalTag/team, 'company-wide'}", "arn:aws:s3:::bank-company-wide", True),
        ("arn:aws:s3:::bank/${aws:PrincipalTag/none}*", "arn:aws:s3:::bank/x", False),
        ("arn:aws:s3:::bank/${aws:PrincipalTag/wild}", "arn:aws:s3:::bank/x", False),
        ("arn:aws:s3:::bank/${*}", "arn:aws:s3:::bank/x", False),
        ("arn:aws:s3:::bank/${*}", "arn:aws:s3:::bank/*", True),
        ("arn:aws:sqs:${aws:PrincipalTag/region}:1:q", "arn:aws:sqs:eu-west-1:1:q", False),  # only after the fifth colon
    ],
)
def test_variables_in_a_resource(pattern: str, resource: str, expected: bool) -> None:
    keys = {"aws:username": ("ada",), "aws:principaltag/wild": ("*",), "aws:principaltag/region": ("eu-west-1",)}
    assert statement(Resource=pattern).names_resource(resource, Context({}, keys, Environment())) is expected


def test_a_policy_of_2008_has_no_variables() -> None:
    policy = {
        "Version": "2008-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"},
    }
    context = Context({}, {"aws:username": ("ada",)}, Environment())
    only = parsed(policy).statements[0]
    assert not only.names_resource("arn:aws:s3:::b/ada", context)
    assert only.names_resource("arn:aws:s3:::b/${aws:username}", context)


# ---------------------------------------------------------------------- "Principal", "NotPrincipal"
NIGHT = session(ROLE, "night", unique_id="AROAEXAMPLE")
ADA = user(USER, unique_id="AIDAEXAMPLE")
EVENTS = service("events.amazonaws.com")
REACHES: list[tuple[Any, Principal, Reach]] = [
    ("*", NIGHT, Reach.DIRECT),
    ("*", EVENTS, Reach.DIRECT),
    ({"AWS": "*"}, NIGHT, Reach.DIRECT),
    ({"AWS": HERE}, NIGHT, Reach.ACCOUNT),
    ({"AWS": f"arn:aws:iam::{HERE}:root"}, NIGHT, Reach.ACCOUNT),
    ({"AWS": f"arn:aws:iam::{HERE}:root"}, ADA, Reach.ACCOUNT),
    ({"AWS": f"arn:aws:iam::{HERE}:root"}, root(HERE), Reach.DIRECT),
    ({"AWS": HERE}, EVENTS, Reach.NONE),
    ({"AWS": THERE}, NIGHT, Reach.NONE),
    ({"AWS": ROLE}, NIGHT, Reach.ROLE),
    ({"AWS": "AROAEXAMPLE"}, NIGHT, Reach.ROLE),
    ({"AWS": SESSION}, NIGHT, Reach.DIRECT),
    ({"AWS": [ROLE, SESSION]}, NIGHT, Reach.DIRECT),
    ({"AWS": [HERE, ROLE]}, NIGHT, Reach.ROLE),
    ({"AWS": f"arn:aws:iam::{HERE}:role/Restorer"}, NIGHT, Reach.NONE),  # without its path it is another role
    ({"AWS": f"arn:aws:sts::{HERE}:assumed-role/Restorer/day"}, NIGHT, Reach.NONE),
    ({"AWS": f"arn:aws:iam::{HERE}:role/app/*"}, NIGHT, Reach.NONE),  # no wildcard matches part of a name
    ({"AWS": f"arn:aws:iam::{HERE}:user/*"}, ADA, Reach.NONE),
    ({"AWS": USER}, ADA, Reach.DIRECT),
    ({"AWS": "AIDAEXAMPLE"}, ADA, Reach.DIRECT),
    ({"AWS": USER.upper()}, ADA, Reach.NONE),
    ({"AWS": USER}, NIGHT, Reach.NONE),
    ({"AWS": USER}, root(HERE), Reach.NONE),
    ({"Service": "events.amazonaws.com"}, EVENTS, Reach.DIRECT),
    ({"Service": ["backup.amazonaws.com", "events.amazonaws.com"]}, EVENTS, Reach.DIRECT),
    ({"Service": "backup.amazonaws.com"}, EVENTS, Reach.NONE),
    ({"Service": "events.amazonaws.com"}, NIGHT, Reach.NONE),
    ({"Federated": "accounts.google.com"}, NIGHT, Reach.NONE),
]


@pytest.mark.parametrize(("element", "principal", "reach"), REACHES)
def test_principal(element: Any, principal: Principal, reach: Reach) -> None:
    assert named(element).reach(principal) is reach


@pytest.mark.parametrize(
    ("element", "principal", "denied"),
    [
        # "NotPrincipal with Deny": Bob and his account; session, role and account
        ({"AWS": [USER, f"arn:aws:iam::{HERE}:root"]}, ADA, False),
        ({"AWS": USER}, ADA, True),
        ({"AWS": f"arn:aws:iam::{HERE}:root"}, ADA, True),
        ({"AWS": [SESSION, ROLE, HERE]}, NIGHT, False),
        ({"AWS": [ROLE, HERE]}, NIGHT, True),
        ({"AWS": [SESSION, HERE]}, NIGHT, True),
        ({"AWS": [USER, HERE]}, NIGHT, True),
        ({"Service": "events.amazonaws.com"}, EVENTS, False),
        ({"Service": "events.amazonaws.com"}, NIGHT, True),
        ({"Service": "events.amazonaws.com"}, service("sns.amazonaws.com"), True),
        ("*", NIGHT, False),
    ],
)
def test_not_principal_of_a_denial(element: Any, principal: Principal, denied: bool) -> None:
    assert bool(statement(Effect="Deny", NotPrincipal=element).reach(principal)) is denied


def test_not_principal_denies_whoever_has_a_boundary() -> None:
    """ "Permissions boundaries for IAM entities": whatever the element lists."""
    assert statement(Effect="Deny", NotPrincipal={"AWS": [USER, HERE]}).reach(ADA, bounded=True)


def test_not_principal_of_an_allow_is_everyone_else() -> None:
    allowing = statement(NotPrincipal={"AWS": ROLE})
    assert allowing.reach(ADA) is Reach.DIRECT
    assert allowing.reach(NIGHT) is Reach.NONE


# ---------------------------------------------------------------------- documents
def test_a_document_is_parsed_once() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}]})
    assert document(text) is document(str(text.encode(), "ascii"))


def test_statements_are_named_by_sid_or_place() -> None:
    one = {"Effect": "Allow", "Action": "a:b", "Resource": "*"}
    assert [each.label for each in parsed({"Statement": [one, one | {"Sid": "Read"}]}).statements] == ["statement 1", "Read"]


def test_every_managed_policy_of_aws_is_understood() -> None:
    policies = json.loads(aws_managed_policies_data)
    assert len(policies) > 1000
    assert all(parsed(each["Document"]).statements for each in policies.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ('{"Statement": ["x"]}', "statement 1 is no object"),
        ('{"Statement": {"Effect": "Permit", "Action": "*", "Resource": "*"}}', "Effect must be Allow or Deny"),
        ('{"Statement": {"Effect": "Allow", "Resource": "*"}}', "neither Action nor NotAction"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}', "both Action and NotAction"),
        ('{"Statement": {"Sid": "S", "Effect": "Allow", "Action": "*", "Principal": "x"}}', "S: Principal must be"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"Aws": "*"}}}', "unknown kind of principal: Aws"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Like": {"a": "b"}}}}',
            "unknown condition operator Like",
        ),
    ],
)
def test_a_malformed_policy_is_refused(text: str, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        document(text)


# ---------------------------------------------------------------------- "Principal key values", "Global condition context keys"
@pytest.mark.parametrize(
    ("principal", "key", "values"),
    [
        (root(HERE), "aws:principaltype", ("Account",)),
        (root(HERE), "aws:userid", (HERE,)),
        (root(HERE), "aws:principalarn", (f"arn:aws:iam::{HERE}:root",)),
        (root(HERE), "aws:username", None),
        (ADA, "aws:principaltype", ("User",)),
        (ADA, "aws:username", ("ada",)),
        (ADA, "aws:userid", ("AIDAEXAMPLE",)),
        (ADA, "aws:principalarn", (USER,)),
        (ADA, "aws:multifactorauthpresent", None),
        (NIGHT, "aws:principaltype", ("AssumedRole",)),
        (NIGHT, "aws:principalarn", (ROLE,)),  # of the role, not of its session
        (NIGHT, "aws:userid", ("AROAEXAMPLE:night",)),
        (NIGHT, "aws:username", None),
        (NIGHT, "aws:principalaccount", (HERE,)),
        (NIGHT, "aws:principalisawsservice", ("false",)),
        (NIGHT, "aws:principalservicename", None),
        (NIGHT, "aws:multifactorauthpresent", ("false",)),
        (session(ROLE, "s", tags={"Team": "blue"}), "aws:principaltag/team", ("blue",)),
        (EVENTS, "aws:principalisawsservice", ("true",)),
        (EVENTS, "aws:principalservicename", ("events.amazonaws.com",)),
        (EVENTS, "aws:principalarn", None),
        (EVENTS, "aws:sourcearn", None),
        (service("sns.amazonaws.com", source_arn=f"arn:aws:sns:e:{HERE}:t"), "aws:sourcearn", (f"arn:aws:sns:e:{HERE}:t",)),
        (service("sns.amazonaws.com", source_arn=f"arn:aws:sns:e:{HERE}:t"), "aws:sourceaccount", (HERE,)),
        (service("s3.amazonaws.com", source_arn="arn:aws:s3:::b", source_account=HERE), "aws:sourceaccount", (HERE,)),
    ],
)
def test_keys_of_a_principal(principal: Principal, key: str, values: tuple[str, ...] | None) -> None:
    assert principal.keys.get(key) == values


def test_the_arn_of_a_session_has_no_path() -> None:
    assert NIGHT.arn == SESSION

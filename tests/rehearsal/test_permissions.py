"""How recorded calls are compared with what a template grants. The comparison itself, with the calls of whole restores, is in
`test_runbooks.py`; here it is shown that it can fail.
"""

from __future__ import annotations

from typing import Any

import pytest

from tools.permissions.calls import idle, needed, refused
from tools.permissions.grants import OPERATOR, Grant, grants

REGION = "ap-southeast-1"


def policy(role: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": {"Statement": list(statements)}, "Roles": [{"Ref": role}]},
    }


def allow(action: str | list[str], resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


TEMPLATE = {
    "Resources": {
        "Claim": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"FunctionName": "bank-restore-claim", "Role": {"Fn::GetAtt": ["ClaimRole", "Arn"]}},
        },
        "ClaimPolicy": policy(
            "ClaimRole", allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], "arn:aws:dynamodb:r:1:table/plans")
        ),
        "Workflow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"StateMachineName": "bank-route", "RoleArn": {"Fn::GetAtt": ["WorkflowRole", "Arn"]}},
        },
        "WorkflowPolicy": policy(
            "WorkflowRole",
            allow("lambda:InvokeFunction", [{"Fn::GetAtt": ["Claim", "Arn"]}]),
            allow("logs:CreateLogDelivery"),
        ),
        "Nobody": policy("ARoleWithoutCaller", allow("s3:GetObject")),
        "Operator": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Statement": [allow("states:StartExecution")]}},
        },
    }
}
ALLOWED = grants(TEMPLATE)
CALLS = {
    ("bank-restore-claim", REGION, "dynamodb", "GetItem"): 1,
    ("bank-restore-claim", REGION, "dynamodb", "UpdateItem"): 2,
    ("bank-route", REGION, "lambda", "Invoke"): 1,
    (OPERATOR, REGION, "states", "StartExecution"): 1,
    (OPERATOR, REGION, "sts", "GetCallerIdentity"): 1,
    ("services", REGION, "dynamodb", "PutItem"): 9,
}


def test_a_template_is_read_by_caller() -> None:
    assert [
        Grant("bank-restore-claim", "dynamodb:GetItem", ("table/plans",)),
        Grant("bank-restore-claim", "dynamodb:UpdateItem", ("table/plans",)),
        Grant("bank-route", "lambda:InvokeFunction", ("bank-restore-claim",)),
        Grant("bank-route", "logs:CreateLogDelivery", ("*",)),
        Grant(OPERATOR, "states:StartExecution", ("*",)),
    ] == ALLOWED


def test_calls_that_are_allowed_and_used_are_no_finding() -> None:
    assert (refused(ALLOWED, CALLS), idle(ALLOWED, CALLS)) == ([], [])


@pytest.mark.proves("restore.permissions")
def test_a_call_without_permission_is_found() -> None:
    more = CALLS | {("bank-restore-claim", REGION, "dynamodb", "DeleteItem"): 1}
    assert refused(ALLOWED, more) == ["bank-restore-claim calls dynamodb:DeleteItem"]


@pytest.mark.proves("restore.permissions")
def test_a_permission_that_nobody_used_is_found() -> None:
    fewer = {call: times for call, times in CALLS.items() if call[3] != "UpdateItem"}
    assert idle(ALLOWED, fewer) == [("bank-restore-claim", "dynamodb:UpdateItem")]


def test_who_did_not_run_is_not_judged() -> None:
    assert idle(ALLOWED, {}) == []


def test_a_statement_that_is_not_understood_is_an_error() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    resources = {**TEMPLATE["Resources"], "Odd": policy("ClaimRole", statement)}
    with pytest.raises(ValueError, match="not read here"):
        grants({"Resources": resources})


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("backup", "StartRestoreJob", "backup:StartRestoreJob"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("s3", "PutObject", "s3:PutObject"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("states", "DescribeExecution", "states:DescribeExecution"),
    ],
)
def test_a_call_needs_the_action_that_iam_knows_it_by(service: str, operation: str, action: str) -> None:
    assert needed(service, operation) == action

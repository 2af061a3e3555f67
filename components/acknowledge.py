"""Findings of the policy checks that stand on purpose: one sentence each, beside the resource it excuses.

The checks are cdk-nag's (`AwsSolutions-…`, `NIST.800.53.R5-…`) and CloudFormation's own (`CloudFormation-Validate::…`); the
tests run them over every environment, refuse what is not acknowledged here, and refuse an acknowledgement of nothing. Where no
check runs, as in `app.py`, sentences are left out: handing them to the CDK is a third of all calls that a synth makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk.aws_iam import Policy
from constructs import IConstruct

INLINE_POLICY = {"NIST.800.53.R5-IAMNoInlinePolicy": "The policy is this one role's, and lives and ends with it"}
_WANTED: ContextVar[bool] = ContextVar("wanted", default=True)
PLAIN_LOGS = {"NIST.800.53.R5-CloudWatchLogGroupEncrypted": "Encrypted with CloudWatch's own key; no customer's data is logged"}


@contextmanager
def left_out() -> Iterator[None]:
    """What is built inside excuses nothing."""
    token = _WANTED.set(False)
    try:
        yield
    finally:
        _WANTED.reset(token)


def wanted() -> bool:
    """Whether somebody checks; for a caller whose sentence costs a call of the CDK to find."""
    return _WANTED.get()


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """By rule: why its finding about this construct, or about one inside it, stands."""
    if not wanted():
        return
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))


def acknowledge_wildcards(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """By resource, as a policy inside the construct has it: why it ends in, or is, a wildcard."""
    if not wanted():
        return
    stack = Stack.of(construct)
    spelled = {_spelled(stack.resolve(resource)): reason for resource, reason in reasons.items()}
    acknowledge(construct, {f"AwsSolutions-IAM5[Resource::{resource}]": reason for resource, reason in spelled.items()})


def acknowledge_every_wildcard(policy: Policy, reason: str) -> None:
    """Of a policy that a library made: whatever in it ends in a wildcard, for one reason."""
    if not wanted():
        return
    statements = Stack.of(policy).resolve(policy.document)["Statement"]
    resources = [each for statement in statements for each in _several(statement["Resource"])]
    wild = {spelled for each in resources if (spelled := _spelled(each)).endswith("*")}
    acknowledge(policy, {f"AwsSolutions-IAM5[Resource::{each}]": reason for each in sorted(wild)})


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _spelled(value: Any) -> str:
    """An ARN as cdk-nag writes it: `<LogicalId.Arn>` stands for what CloudFormation fills in."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_spelled(part) for part in parts)
        case {"Fn::GetAtt": [logical_id, attribute]}:
            return f"<{logical_id}.{attribute}>"
        case {"Ref": logical_id}:
            return f"<{logical_id}>"
        case dict():
            return json.dumps(value, separators=(",", ":"))
    return str(value)

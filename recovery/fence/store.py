"""Stops writers to an old store, and reads its last write; and lets them in again. The data is not touched.

Fencing again changes nothing. A store that is gone, or stopped, takes no writes: then there is nothing to stop, and that is said.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from recovery.lambda_runtime import Left, TryAgain
from recovery.moments import leading_moment
from recovery.mysql import DatabaseUnreachable
from recovery.restore import target
from recovery.restore.master import Client, Master, ours, users
from recovery.restore.plan import Plan
from strategy.catalogue import store_states
from strategy.contracts.restore import FenceAnswer

SID = "RecoveryFence"
_WRITES = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
_REPLICATION = "role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
"""AWS's own, which writes what was written in the other region. A replica that denies it for twenty hours stops being one for
good ("DynamoDB global tables security"). No caller can assume it: every fence excepts it, whether the table is replicated or not.
"""
_NO_POLICY = "PolicyNotFoundException"
_TRIES = 3
_PAUSE_SECONDS = 5.0


def fence(plan: Plan, client: Client, left: Left) -> FenceAnswer:
    if plan.route.kind == "dynamodb":
        return _fence_table(plan, client, left)
    instance = target.describe(client("rds"), plan.source.name)
    if instance is None:
        return _not(f"{plan.source.name} is gone: nobody can write to it")
    if not ours(plan):
        return _not(f"the accounts of {plan.source.name} are not ours: its owner must stop its writers")
    status = instance["DBInstanceStatus"]
    if store_states.of("mysql", status).silent or "Endpoint" not in instance:
        return _not(f"{plan.source.name} is {status}: nobody can write to it; fence it before it is started again")
    master = Master(plan, client, instance)
    for attempt in range(_TRIES):
        try:
            found = master.fence(users(plan))
        except DatabaseUnreachable as error:
            reason = str(error)
            if attempt + 1 < _TRIES:
                time.sleep(_PAUSE_SECONDS)
        else:
            return FenceAnswer(fenced=True, because="", accounts=found.accounts, last_write=found.last_write)
    return _not(f"{plan.source.name} is {status} and does not answer ({reason}): fence it before it is brought back")


def lift(plan: Plan, client: Client) -> list[str]:
    """Writers are let in again to the old store; the users that were unlocked. A policy's other statements stay."""
    if plan.route.kind == "dynamodb":
        _lift_table(plan, client("dynamodb"))
        return []
    instance: Any = client("rds").describe_db_instances(DBInstanceIdentifier=plan.source.name)["DBInstances"][0]
    return list(Master(plan, client, instance).lift(users(plan)))


def _not(because: str) -> FenceAnswer:
    return FenceAnswer(fenced=False, because=because, accounts=(), last_write={})


# ---------------------------------------------------------------------- DynamoDB
def _fence_table(plan: Plan, client: Client, left: Left) -> FenceAnswer:
    dynamodb = client("dynamodb")
    try:
        arn = str(dynamodb.describe_table(TableName=plan.source.name)["Table"]["TableArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] in target.GONE:
            return _not(f"{plan.source.name} is gone: nobody can write to it")
        raise
    policy, revision = _policy(dynamodb, arn)
    statement = _statement(arn, plan.settings.get("break_glass"))
    others = [each for each in policy["Statement"] if each.get("Sid") != SID]
    if statement not in policy["Statement"]:
        _put(dynamodb, arn, {**policy, "Statement": [*others, statement]}, revision)
    last = _last_write(dynamodb, plan.source.name, plan.verification.get("written_at"), left)
    return FenceAnswer(fenced=True, because="", accounts=(), last_write=last)


def _lift_table(plan: Plan, dynamodb: Any) -> None:
    policy, revision = _policy(dynamodb, plan.source.arn)
    others = [each for each in policy["Statement"] if each.get("Sid") != SID]
    if len(others) == len(policy["Statement"]):
        return
    if others:
        _put(dynamodb, plan.source.arn, {**policy, "Statement": others}, revision)
    else:
        dynamodb.delete_resource_policy(ResourceArn=plan.source.arn)


def _statement(arn: str, break_glass: str | None) -> dict[str, Any]:
    _, partition, _, _, account, _ = arn.split(":", 5)
    excepted = [f"arn:{partition}:iam::{account}:{_REPLICATION}", *([break_glass] if break_glass else [])]
    return {
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(_WRITES),
        "Resource": arn,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": excepted}},
    }


def _policy(dynamodb: Any, arn: str) -> tuple[dict[str, Any], str]:
    """A table's policy, its statements as a list, and its revision; an empty one where there is none."""
    try:
        answer = dynamodb.get_resource_policy(ResourceArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_POLICY:
            raise
        return {"Version": "2012-10-17", "Statement": []}, "NO_POLICY"
    policy: dict[str, Any] = json.loads(answer["Policy"])
    statements = policy["Statement"]
    return {**policy, "Statement": [statements] if isinstance(statements, Mapping) else list(statements)}, answer["RevisionId"]


def _put(dynamodb: Any, arn: str, policy: Mapping[str, Any], revision: str) -> None:
    """Only over the policy that was read: somebody else's change in between is not lost."""
    try:
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy), ExpectedRevisionId=revision)
    except ClientError as error:
        if error.response["Error"]["Code"] == _NO_POLICY:
            raise TryAgain(f"the policy of {arn} was changed at this moment") from error
        raise


def _last_write(dynamodb: Any, table: str, written_at: str | None, left: Left) -> dict[str, Any]:
    """The newest date of an item, and how many there are. A table too large for the time left is counted no further."""
    request: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    if written_at:
        request |= {"ProjectionExpression": "#at", "ExpressionAttributeNames": {"#at": written_at}}
    else:
        request |= {"Select": "COUNT"}
    newest, items = None, 0
    for page in dynamodb.get_paginator("scan").paginate(**request):
        items += page["Count"]
        moments = [leading_moment(each.get(written_at, {}).get("S", "")) for each in page.get("Items", [])]
        newest = max([each for each in [newest, *moments] if each], default=None)
        if left() < _PAUSE_SECONDS * 4:
            return {"written_at": None, "items": None, "because": f"not read: it takes too long; {items} items were seen"}
    return {"written_at": newest.isoformat() if newest else None, "items": items}

"""What DynamoDB's own role must be let do on a replica, and whether a table's policy denies it.

Source: the managed policy DynamoDBReplicationServiceRolePolicy (version 8), whose actions on tables these are, and
"DynamoDB global tables security" of the developer guide: whoever denies the role any of them stops replication.
"""

from __future__ import annotations

from aws_rehearsal.dynamodb import policies

NAME = "AWSServiceRoleForDynamoDBReplication"
_ACTIONS = (
    "DeleteItem",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "GetResourcePolicy",
    "PutItem",
    "Scan",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
)
"""Not those on streams, which have policies of their own, nor those of other services."""


def refused(document: str, arn: str) -> bool:
    """Whether a policy of the table denies the role any of what it needs."""
    partition, account = arn.split(":")[1], arn.split(":")[4]
    role = f"arn:{partition}:iam::{account}:role/aws-service-role/replication.dynamodb.amazonaws.com/{NAME}"
    return any(policies.denied(document, f"dynamodb:{action}", role, arn) for action in _ACTIONS)

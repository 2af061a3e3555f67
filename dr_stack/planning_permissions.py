"""What whoever plans a restore reads, person or function: the stores, the recovery points, and what they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk.aws_iam import PolicyStatement

from components.permissions import WildcardStatement
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names

RESTORED = "What plans make: the name ends in the id of a plan, which is not known before"


def write_plan(table: str, attributes: Sequence[str]) -> PolicyStatement:
    """To change these attributes of a plan's item, its key among them, and no other; nothing of an item is given back.

    `dynamodb:Attributes` is every attribute that a request names, conditions included, and `Null` refuses a request that names
    none (Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control").
    """
    return PolicyStatement(
        actions=["dynamodb:UpdateItem"],
        resources=[table],
        conditions={
            "ForAllValues:StringEquals": {"dynamodb:Attributes": list(attributes)},
            "Null": {"dynamodb:Attributes": "false"},
            "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_NEW", "UPDATED_OLD"]},
        },
    )


def only_marks(*own: str) -> dict[str, Any]:
    """Conditions on a request that sets tags: these keys, a plan's mark and a drill's, and no others.

    `ForAllValues` alone is true of a request without any: `Null` refuses that.
    """
    keys = sorted({*own, names.PLAN_TAG, names.DRILL_TAG})
    return {"ForAllValues:StringEquals": {"aws:TagKeys": keys}, "Null": {"aws:TagKeys": "false"}}


def planning_reads(strategy: Strategy, region: str) -> list[PolicyStatement]:
    """All that has a resource to name. A strategy without tables leaves one of them without resources."""
    places, account = Places(strategy, region), strategy.account
    return [
        WildcardStatement(
            actions=[
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeContributorInsights",
                "dynamodb:DescribeKinesisStreamingDestination",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:ListTagsOfResource",
            ],
            resources=places.any_table,
            because=RESTORED,
        ),
        PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
        PolicyStatement(actions=["backup:ListRecoveryPointsByBackupVault"], resources=places.vaults),
        WildcardStatement(
            actions=["backup:GetRecoveryPointRestoreMetadata"],
            resources=places.recovery_points,
            because="Which recovery point is known when it has been chosen; these are AWS Backup's own",
        ),
        WildcardStatement(
            actions=["kms:DescribeKey"],
            resources=[f"arn:aws:kms:{region}:{account}:key/*"],
            because="A point whose key is gone cannot be restored, whichever key that was",
        ),
        PolicyStatement(
            actions=["ssm:GetParametersByPath"],
            resources=[f"arn:aws:ssm:{region}:{account}:parameter{names.parameter(strategy.prefix, 'network')}"],
        ),
    ]

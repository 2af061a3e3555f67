"""What whoever plans a restore reads, person or function: the stores, the recovery points, and what they stand on."""

from __future__ import annotations

from aws_cdk.aws_iam import PolicyStatement

from components.permissions import WildcardStatement
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names

RESTORED = "What plans make: the name ends in the id of a plan, which is not known before"


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
            resources=[*places.tables, *places.restored_tables],
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

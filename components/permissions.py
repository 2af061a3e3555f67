"""What functions are allowed, in the words of this project: each statement names its actions and its resources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk.aws_iam import PolicyStatement, Role
from constructs import IConstruct

from components.acknowledge import INLINE_POLICY, acknowledge, acknowledge_wildcards
from strategy.catalogue import names


class WildcardStatement(PolicyStatement):
    """A statement with a resource that is, or ends in, a wildcard, and the sentence that says why it must."""

    def __init__(self, *, because: str, resources: list[str], **properties: Any) -> None:
        super().__init__(resources=resources, **properties)
        self.reasons = {resource: because for resource in resources if "*" in resource}


def allow(role: Role, statements: Iterable[PolicyStatement]) -> None:
    """Gives the role a policy of these statements, their reasons included."""
    acknowledge(role, INLINE_POLICY)
    for statement in statements:
        role.add_to_policy(statement)
        excuse(role, statement)


def excuse(construct: IConstruct, statement: PolicyStatement) -> None:
    """Says beside the construct, whose policy has the statement, why it has wildcards."""
    if isinstance(statement, WildcardStatement) and statement.reasons:
        acknowledge_wildcards(construct, statement.reasons)


def connect_as_verifier(region: str, account: str) -> PolicyStatement:
    return WildcardStatement(
        actions=["rds-db:connect"],
        resources=[f"arn:aws:rds-db:{region}:{account}:dbuser:*/{names.VERIFIER}"],
        because="Any instance of the region: the resource id in this ARN changes with every restore",
    )


def database_login() -> dict[str, str]:
    """The environment that goes with `connect_as_verifier`; the authorities of RDS come with the bundle
    (`deployment/bundle.py`).
    """
    return {"DATABASE_USER": names.VERIFIER, "DATABASE_CA_BUNDLE": "/var/task/rds-ca.pem"}


def read_table(table_arn: str, *, because: str = "") -> PolicyStatement:
    """Its items, and every setting that a restore may lose. `because` says why the ARN has a wildcard, where it ends in one."""
    return WildcardStatement(
        actions=[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:Scan",
        ],
        resources=[table_arn],
        because=because,
    )


def write_evidence(bucket: str, folder: str) -> PolicyStatement:
    return WildcardStatement(
        actions=["s3:PutObject"],
        resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
        because="Every object of one folder: its name says what it is evidence of",
    )


def measure_in_pieces(bucket: str) -> PolicyStatement:
    """To keep what each piece of a store holds, and to add the pieces up."""
    return WildcardStatement(
        actions=["s3:GetObject", "s3:PutObject"],
        resources=[f"arn:aws:s3:::{bucket}/{names.MEASUREMENTS}/*"],
        because="Every object of one folder: each measurement has a name of its own, made when it begins",
    )


def read_evidence(bucket: str, folder: str) -> list[PolicyStatement]:
    """List and read one folder."""
    return [
        WildcardStatement(
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
            because="Every object of one folder: which ones are there is not known before",
        ),
        list_evidence(bucket, folder),
    ]


def read_records(bucket: str, folders: Iterable[str], *, versions: bool = False) -> list[PolicyStatement]:
    """List and read several folders, with old versions if asked. Two statements for all: a policy has a limit."""
    kinds = sorted(set(folders))
    return [
        WildcardStatement(
            actions=["s3:GetObject", *(["s3:GetObjectVersion"] if versions else [])],
            resources=[f"arn:aws:s3:::{bucket}/{folder}/*" for folder in kinds],
            because="Every object of the folder: records are named for what they are of",
        ),
        PolicyStatement(
            actions=["s3:ListBucket", *(["s3:ListBucketVersions"] if versions else [])],
            resources=[f"arn:aws:s3:::{bucket}"],
            conditions={"StringLike": {"s3:prefix": [f"{folder}/*" for folder in kinds]}},
        ),
    ]


def read_manifests(bucket: str) -> list[PolicyStatement]:
    """Manifests, their signatures, and the keys to check them with."""
    return [*read_evidence(bucket, names.MANIFESTS), read_public_keys(bucket)]


def read_public_keys(bucket: str) -> PolicyStatement:
    """This region's, and the one that is replicated to here."""
    return WildcardStatement(
        actions=["s3:GetObject"],
        resources=[f"arn:aws:s3:::{bucket}/{names.CHAIN}/*/public-key.pem"],
        because="A manifest is signed in the region of its store, and each region's key lies in a folder of its name",
    )


def list_evidence(bucket: str, folder: str) -> PolicyStatement:
    """Which objects one folder has."""
    return PolicyStatement(
        actions=["s3:ListBucket"],
        resources=[f"arn:aws:s3:::{bucket}"],
        conditions={"StringLike": {"s3:prefix": f"{folder}/*"}},
    )

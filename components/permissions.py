"""What functions are allowed, in the words of this project: each statement names its actions and its resources."""

from __future__ import annotations

from aws_cdk.aws_iam import PolicyStatement

from strategy import naming


def connect_as_verifier(region: str, account: str) -> PolicyStatement:
    """Any instance of the region: the resource id in this ARN changes with every restore."""
    return PolicyStatement(
        actions=["rds-db:connect"], resources=[f"arn:aws:rds-db:{region}:{account}:dbuser:*/{naming.VERIFIER}"]
    )


def database_login() -> dict[str, str]:
    """The environment that goes with `connect_as_verifier`; the authorities of RDS come with the bundle (`tools/bundle.py`)."""
    return {"DATABASE_USER": naming.VERIFIER, "DATABASE_CA_BUNDLE": "/var/task/rds-ca.pem"}


def read_table(table_arn: str) -> PolicyStatement:
    """Its items, and every setting that a restore may lose."""
    return PolicyStatement(
        actions=[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:Scan",
        ],
        resources=[table_arn],
    )


def write_evidence(bucket: str, folder: str) -> PolicyStatement:
    return PolicyStatement(actions=["s3:PutObject"], resources=[f"arn:aws:s3:::{bucket}/{folder}/*"])


def read_evidence(bucket: str, folder: str) -> list[PolicyStatement]:
    """List and read one folder."""
    return [
        PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::{bucket}/{folder}/*"]),
        PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[f"arn:aws:s3:::{bucket}"],
            conditions={"StringLike": {"s3:prefix": f"{folder}/*"}},
        ),
    ]

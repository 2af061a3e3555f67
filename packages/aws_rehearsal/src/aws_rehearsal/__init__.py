"""The embedded AWS: moto, our additions and real MariaDB servers, in one process on one loopback port.

    with Cloud(directory=Path("build/packages/aws_rehearsal/src/aws_rehearsal")) as cloud:
        cloud.client("dynamodb", "ap-southeast-1").list_tables()

Everything talks to it as it would to AWS: the CDK command line, boto3, Step Functions tasks, Lambda functions. What is ours
is in `cloudformation/`, `backup/`, `rds/`, `dynamodb/`, `functions/`; what we change in moto is in `patches/`.
"""

from aws_rehearsal.cloud import ACCOUNT, Cloud

__all__ = ["ACCOUNT", "Cloud"]

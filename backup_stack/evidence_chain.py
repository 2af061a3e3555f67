"""The chain of evidence of a region: a key that only signs, and a function that seals each new record with it, every hour.

On the clock and not on the object's event, as S3's events are best effort: a record that is not sealed must not look like none.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from backup_stack.keys import LastingKey
from components.function import Function
from components.permissions import WildcardStatement
from strategy import Strategy
from strategy.catalogue import names

_EVERY_HOUR = "cron(40 * * * ? *)"
"""Past the hour at which backups begin, and their manifests are written."""
_EACH = "Every object of the folder: records are named for what they are of"


class Sealing(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        self.environment = {
            "ACCOUNT": strategy.account,
            "PREFIX": strategy.prefix,
            "KEEP_DAYS": str(strategy.audit.evidence_keep.days),
            # A lock that nobody can end takes the same two switches as a vault's.
            "FOR_GOOD": str(strategy.production and strategy.vault.lock.irreversible).lower(),
        }
        """What a function that seals is told."""
        self.key = LastingKey(
            self,
            "Key",
            strategy=strategy,
            region=region,
            purpose=names.EVIDENCE_KEY,
            description="Signs the chain of evidence; its public half lies beside the evidence",
            signs=True,
        )
        bucket = f"arn:aws:s3:::{names.evidence_bucket(strategy.prefix, region, strategy.account)}"
        chain = f"{bucket}/{names.CHAIN}/{region}/*"
        records = [f"{bucket}/{folder}/*" for folder in names.SEALED]
        function = Function(
            self,
            "Function",
            name=names.function(strategy.prefix, "seal-evidence"),
            handler="recovery.handlers.seal_evidence.handler",
            code=code,
            timeout=Duration.minutes(10),
            memory=256,
            environment=self.environment,
            permissions=[
                PolicyStatement(actions=["kms:GetPublicKey", "kms:Sign"], resources=[self.key.key_arn]),
                PolicyStatement(actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[bucket]),
                WildcardStatement(
                    actions=["s3:GetObject", "s3:PutObject", "s3:PutObjectRetention"], resources=[chain], because=_EACH
                ),
                WildcardStatement(actions=["s3:GetObjectVersion", "s3:PutObjectRetention"], resources=records, because=_EACH),
            ],
        )
        Rule(
            self,
            "Hourly",
            description="Seals the records of evidence that are not sealed yet",
            schedule=Schedule.expression(_EVERY_HOUR),
            targets=[LambdaFunction(function, retry_attempts=2, max_event_age=Duration.hours(1))],
        )

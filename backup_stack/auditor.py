"""What an auditor may do: read the evidence, the jobs and the alarms; write who answers for what failed; have a duty done.

A managed policy, to be attached to whatever role they sign in with. It changes and restores nothing, and reads no data of the
bank: what it may write are records, which are sealed like the others.
"""

from __future__ import annotations

from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from components.permissions import WildcardStatement, excuse, read_records
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.calendar import FUNCTION, RECORDED_IN

_READING = "Reading only: AWS's lists of jobs and the history of alarms have no resource to name"
_RECORDS = "Every object of the folder: records are named for what they are of"


class AuditorPolicy(ManagedPolicy):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        account, prefix = strategy.account, strategy.prefix
        bucket = names.evidence_bucket(prefix, region, account)
        statements = [
            WildcardStatement(
                actions=[
                    "backup:ListBackupJobs",
                    "backup:ListCopyJobs",
                    "backup:ListRestoreJobs",
                    "cloudwatch:DescribeAlarmHistory",
                ],
                resources=["*"],
                because=_READING,
            ),
            *read_records(bucket, {*names.SEALED, *RECORDED_IN, names.CHAIN, names.REPORTS}, versions=True),
            WildcardStatement(
                actions=["s3:PutObject"],
                resources=[f"arn:aws:s3:::{bucket}/{folder}/*" for folder in (names.DUTIES, names.FINDINGS)],
                because=_RECORDS,
            ),
            WildcardStatement(
                actions=["kms:GetPublicKey"],
                resources=[f"arn:aws:kms:{region}:{account}:key/*"],
                conditions={"StringEquals": {"kms:RequestAlias": names.key_alias(prefix, names.EVIDENCE_KEY)}},
                because="The key is asked for by its alias, which the condition names: its id is not known before",
            ),
            PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[f"arn:aws:lambda:{region}:{account}:function:{names.function(prefix, FUNCTION)}"],
            ),
        ]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=names.role(prefix, "auditor", region),
            description=f"Auditor of {prefix} in {region}: reads evidence, jobs and alarms, writes findings, has duties done",
            statements=statements,
        )
        for statement in statements:
            excuse(self, statement)

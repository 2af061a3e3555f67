"""The calendar: a function that does its duties by the clock, in both regions, each looking at its own.

A region that is alone goes on reviewing itself; and who looks at one region's evidence sees the other's records, as replicas.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, read_evidence, write_evidence
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.calendar import CALENDAR, CALENDAR_SCHEDULE, DUTIES, FUNCTION, RECORDED_IN
from strategy.contracts.requests.calendar import request_for

_READING = "Reading only: AWS's lists of jobs and its bills have no resource to name"


class Duties(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            name=names.function(strategy.prefix, FUNCTION),
            handler="recovery.handlers.calendar.handler",
            code=code,
            timeout=Duration.minutes(5),
            memory=256,
            environment={},
            permissions=_permissions(strategy, region),
        )
        clock = {each.name: each.schedule for each in DUTIES if each.schedule is not None} | {CALENDAR: CALENDAR_SCHEDULE}
        for name, schedule in clock.items():
            Rule(
                self,
                name.title().replace("-", ""),
                description=f"The calendar: {name.replace('-', ' ')}",
                schedule=Schedule.expression(schedule),
                targets=[
                    LambdaFunction(
                        function,
                        event=RuleTargetInput.from_object(request_for(strategy, region, name).to_json()),
                        retry_attempts=2,
                        max_event_age=Duration.hours(1),
                    )
                ],
            )


def _permissions(strategy: Strategy, region: str) -> list[PolicyStatement]:
    bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
    vaults = (names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix))
    return [
        WildcardStatement(
            actions=["backup:ListBackupJobs", "backup:ListCopyJobs", "backup:ListRestoreJobs", "ce:GetCostAndUsage"],
            resources=["*"],
            because=_READING,
        ),
        PolicyStatement(
            actions=["backup:ListRecoveryPointsByBackupVault"],
            resources=[names.vault_arn(region, strategy.account, vault) for vault in vaults],
        ),
        write_evidence(bucket, names.DUTIES),
        *(statement for folder in sorted(RECORDED_IN) for statement in read_evidence(bucket, folder)),
    ]

"""The functions of a drill, each with the few permissions of its step.

One may delete, and only what bears a drill's tag under a name that plans make. It may not tag, and the one that may tag may not
delete.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, read_evidence, write_evidence
from dr_stack.planning_permissions import RESTORED, only_marks, planning_reads
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.drill_steps import WORKFLOW, Purpose
from strategy.catalogue.routes import Route

_READING = "Reading only, and AWS has no resource to name for it before it is known whether it exists"
_DRILLS = {"StringEquals": {f"aws:ResourceTag/{names.DRILL_TAG}": "true"}}
_MARKS = only_marks()


class DrillFunctions(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._code = strategy, region, code
        self._places = Places(strategy, region)
        self._evidence = names.evidence_bucket(strategy.prefix, region, strategy.account)
        self.plan = self._function("Plan", self._planning())
        self.exercise = self._function("Exercise", self._exercising())
        self.mark = self._function("Mark", self._marking())
        self.tear_down = self._function("TearDown", self._tearing_down())
        self.record = self._function("Record", [write_evidence(self._evidence, each.folder) for each in Purpose])

    def _function(self, construct_id: str, permissions: list[PolicyStatement]) -> Function:
        purpose = f"drill-{'tear-down' if construct_id == 'TearDown' else construct_id.lower()}"
        return Function(
            self,
            construct_id,
            name=names.function(self._strategy.prefix, purpose),
            handler=f"recovery.handlers.{purpose.replace('-', '_')}.handler",
            code=self._code,
            timeout=Duration.minutes(4),
            memory=512,
            environment={},
            permissions=[each for each in permissions if each.resources],  # a strategy may have stores of one kind only
        )

    def _planning(self) -> list[PolicyStatement]:
        """What a person who plans a restore reads."""
        places = self._places
        return [
            WildcardStatement(
                actions=[
                    "application-autoscaling:DescribeScalableTargets",
                    "application-autoscaling:DescribeScalingPolicies",
                    "rds:DescribeDBInstanceAutomatedBackups",
                    "rds:DescribeDBInstances",
                ],
                resources=["*"],
                because=_READING,
            ),
            *planning_reads(self._strategy, self._region),
            PolicyStatement(actions=["ssm:GetParameter"], resources=places.endpoints),
            *read_evidence(self._evidence, names.MANIFESTS),
            WildcardStatement(
                actions=["states:DescribeExecution"],
                resources=[*places.executions, executions(self._strategy, self._region)],
                because="Any execution of these workflows: which drill was ended from outside is not known before",
            ),
        ]

    def _exercising(self) -> list[PolicyStatement]:
        """It starts the routes' workflows, and may end them; what those may do, it may not."""
        strategy, places = self._strategy, self._places
        return [
            PolicyStatement(
                actions=["states:StartExecution"],
                resources=[names.state_machine_arn(strategy.prefix, each, self._region, strategy.account) for each in Route],
            ),
            WildcardStatement(
                actions=["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
                resources=places.executions,
                because="Any execution of these workflows: its name is the plan's id and the attempt",
            ),
            *read_evidence(self._evidence, names.RESTORES, absent=True),
        ]

    def _marking(self) -> list[PolicyStatement]:
        places = self._places
        return [
            PolicyStatement(actions=["ssm:GetParameter"], resources=places.endpoints),
            PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
            WildcardStatement(actions=["backup:ListRestoreJobs"], resources=["*"], because=_READING),
            WildcardStatement(actions=["rds:DescribeDBInstances"], resources=places.restored_instances, because=RESTORED),
            WildcardStatement(
                actions=["rds:AddTagsToResource"], resources=places.restored_instances, conditions=_MARKS, because=RESTORED
            ),
            WildcardStatement(
                actions=["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"],
                resources=places.restored_tables,
                because=RESTORED,
            ),
            WildcardStatement(
                actions=["dynamodb:TagResource"], resources=places.restored_tables, conditions=_MARKS, because=RESTORED
            ),
        ]

    def _tearing_down(self) -> list[PolicyStatement]:
        places = self._places
        only = RESTORED + "; and only a drill's"
        return [
            PolicyStatement(actions=["ssm:GetParameter"], resources=places.endpoints),
            WildcardStatement(actions=["rds:DescribeDBInstances"], resources=places.restored_instances, because=RESTORED),
            WildcardStatement(
                actions=["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"],
                resources=places.restored_tables,
                because=RESTORED,
            ),
            WildcardStatement(
                actions=["rds:DeleteDBInstance"], resources=places.restored_instances, conditions=_DRILLS, because=only
            ),
            WildcardStatement(
                actions=["dynamodb:DeleteTable"], resources=places.restored_tables, conditions=_DRILLS, because=only
            ),
        ]


def executions(strategy: Strategy, region: str) -> str:
    """ARN of any execution of the drill's workflow."""
    machine = names.state_machine_arn(strategy.prefix, WORKFLOW, region, strategy.account)
    return machine.replace(":stateMachine:", ":execution:") + ":*"

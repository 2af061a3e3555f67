"""The drills of a region, by schedule: routes each quarter, the data each month; and what outsiders ended is cleaned up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_events import EventField, EventPattern, Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from constructs import Construct

from components.function import Function
from components.permissions import read_evidence
from components.stores import construct_id as id_of
from components.workflow_rule import WorkflowRule
from dr_stack.drills.functions import DrillFunctions
from dr_stack.drills.workflow import DrillWorkflow
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.drill_steps import WORKFLOW, Purpose
from strategy.contracts.drills import CleanAsked, DrillAsked
from strategy.contracts.requests.drills import drilled, integrity_route, proofs_for

PROOFS_SCHEDULE = "cron(0 7 * * ? *)"
"""Before the day's people come."""


class Drills(Construct):
    """The recovery region drills how a lost region's stores come back: from what reaches it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, primary: bool, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region = strategy, region
        functions = DrillFunctions(self, "Functions", strategy=strategy, region=region, code=code)
        self._machine = DrillWorkflow(self, "Drill", strategy=strategy, region=region, functions=functions).machine
        for store, route in drilled(strategy, region):
            self._rule(
                f"{id_of(store)}{route.title().replace('-', '')}",
                (store.name, str(route).removeprefix(f"{route.kind}-")),
                f"Drills {route} of {store.name}",
                strategy.drills.schedule,
                DrillAsked(route=str(route), store=store.name),
            )
        if primary:
            for store in strategy.stores:
                asked = DrillAsked(route=str(integrity_route(store)), store=store.name, purpose=str(Purpose.INTEGRITY))
                self._rule(
                    f"{id_of(store)}Integrity",
                    (store.name, Purpose.INTEGRITY.value),
                    f"Checks the data of {store.name}",
                    strategy.drills.integrity,
                    asked,
                )
        self._clean()
        self._count(code)

    def _rule(self, construct_id: str, purpose: tuple[str, ...], description: str, schedule: str, asked: DrillAsked) -> None:
        when = Schedule.expression(schedule)
        self._starts(construct_id, *purpose, asked=asked.to_json(), description=description, schedule=when)

    def _clean(self) -> None:
        """A drill that a person or a limit ended cannot tear down any more: another execution does."""
        self._starts(
            "EndedFromOutside",
            "ended",
            asked=CleanAsked(clean=EventField.from_path("$.detail.executionArn")).to_json(),
            description="Tears down what a drill left that was ended from outside",
            event_pattern=EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [self._machine.state_machine_arn], "status": ["ABORTED", "TIMED_OUT"]},
            ),
        )

    def _starts(self, construct_id: str, *purpose: str, asked: dict[str, Any], **properties: Any) -> None:
        WorkflowRule(
            self,
            construct_id,
            strategy=self._strategy,
            region=self._region,
            name=names.rule(self._strategy.prefix, WORKFLOW, *purpose),
            machine=self._machine,
            event=RuleTargetInput.from_object(asked),
            retry_attempts=8,
            max_event_age=Duration.hours(6),
            **properties,
        )

    def _count(self, code: Path) -> None:
        """What is unproved, each day, as a metric: a quarter without a drill must not look like a quiet one."""
        strategy, region = self._strategy, self._region
        bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
        function = Function(
            self,
            "Proofs",
            name=names.function(strategy.prefix, "proofs"),
            handler="recovery.handlers.proofs.handler",
            code=code,
            timeout=Duration.minutes(2),
            memory=256,
            environment={},
            permissions=[statement for each in Purpose for statement in read_evidence(bucket, each.folder)],
        )
        Rule(
            self,
            "DailyProofs",
            description=f"Counts what is unproved in {region}",
            schedule=Schedule.expression(PROOFS_SCHEDULE),
            targets=[
                LambdaFunction(
                    function,
                    event=RuleTargetInput.from_object(proofs_for(strategy, region).to_json()),
                    retry_attempts=2,
                    max_event_age=Duration.hours(1),
                )
            ],
        )

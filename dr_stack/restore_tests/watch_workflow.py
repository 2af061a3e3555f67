"""After each test window: was every store tested? An event may be lost, and a test that did not take place sends none.

Started by the same schedule as the tests; it waits until their start window is over, then looks until each store has its answer.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Schedule
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, DefinitionBody, Fail, Pass, Succeed, Wait, WaitTime
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, read_evidence, write_evidence
from components.state_machine import Machine
from components.tasks import ANY, CAUGHT, invoke
from components.workflow_rule import WorkflowRule
from dr_stack.workflow.calls import tell
from dr_stack.workflow.steps import TIMEOUT
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.restore_test_names import ANSWER, WATCH
from strategy.contracts.contract import template_of
from strategy.contracts.requests.restore_tests import tested_in
from strategy.contracts.restore_tests import WatchRequest

_EVERY = timedelta(minutes=30)
_LOOKS = timedelta(hours=12) // _EVERY
"""The recovery time that is promised: a restore that takes longer is a failure to tell people about."""


class WatchingRestoreTests(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, answer: Machine, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region = strategy, region
        self._look = Function(
            self,
            "Look",
            name=names.function(strategy.prefix, "watch-restore-tests"),
            handler="recovery.handlers.watch_restore_tests.handler",
            code=code,
            timeout=Duration.minutes(2),
            memory=256,
            environment={"ANSWER": names.state_machine_arn(strategy.prefix, ANSWER, region, strategy.account)},
            permissions=_looking(strategy, region),
        )
        self._look.node.add_dependency(answer)
        machine = Machine(
            self,
            "Workflow",
            name=names.state_machine(strategy.prefix, WATCH),
            comment="Looks whether every store had its restore test, and its answer",
            definition=DefinitionBody.from_chainable(self._definition()),
            timeout=Duration.days(14),  # longer than the longest start window and all looks
        )
        WorkflowRule(
            self,
            "Due",
            strategy=strategy,
            region=region,
            name=names.rule(strategy.prefix, WATCH),
            machine=machine,
            retry_attempts=10,
            max_event_age=Duration.hours(12),
            description="Restore tests are due: see that each store has one",
            schedule=Schedule.expression(strategy.restore_testing.schedule),
        )

    def _definition(self) -> Chain:
        window = int(self._strategy.restore_testing.start_window.total_seconds())
        due = Pass.jsonata(
            self,
            "Due time",
            state_name="Read when the tests are due",
            assign={"since": "{% $states.input.time %}", "looks": 0, "looked": {}, "problem": ""},
        )
        opened = Wait.jsonata(
            self, "Window", state_name="Wait for the start window to end", time=WaitTime.duration(Duration.seconds(window))
        )
        look = invoke(
            self,
            "LookCall",
            name="Look at the restore jobs",
            function=self._look,
            request=template_of(
                WatchRequest,
                wanted=tested_in(self._strategy, self._region),
                since="{% $since %}",
                last=f"{{% $looks >= {_LOOKS} %}}",
            ),
            timeout=TIMEOUT,
            assign={"looked": "{% $states.result.Payload %}", "looks": "{% $looks + 1 %}"},
        )
        wait = Wait.jsonata(
            self,
            "Wait",
            state_name="Look at the restore jobs: wait",
            time=WaitTime.duration(Duration.seconds(int(_EVERY.total_seconds()))),
        )
        told = self._told()
        look.add_catch(told, errors=ANY, assign={"problem": f"{{% 'the tests could not be looked at: ' & {CAUGHT} %}}"})
        settled = Choice.jsonata(self, "Settled", state_name="Has every store its answer?")
        settled.when(Condition.jsonata("{% $not($looked.settled) %}"), wait)
        settled.when(
            Condition.jsonata("{% $count($looked.problems) > 0 %}"),
            told,
            assign={"problem": "{% $join($looked.problems, '; ') %}"},
        )
        settled.otherwise(Succeed.jsonata(self, "Answered", state_name="Every store was tested", outputs="{% $looked %}"))
        wait.next(look)
        return Chain.start(due).next(opened).next(look).next(settled)

    def _told(self) -> Chain:
        said = (
            "A store without a restore test is a store whose backups nobody has proven. Look at the restore testing plan "
            f"{names.restore_testing_plan(self._strategy.prefix)} and its jobs, and test by hand: "
            "python -m recovery plan, with a route from a recovery point and --mode beside."
        )
        told = tell(
            self,
            strategy=self._strategy,
            region=self._region,
            subject=f"Restore tests in {self._region}: not every store was tested",
            message=f"{{% $problem & '\\n\\n{said}' %}}",
        )
        end = Fail.jsonata(self, "NotTested", state_name="Not every store was tested", error="NotTested", cause="{% $problem %}")
        told.add_catch(end, errors=ANY)
        return Chain.start(told).next(end)


def _looking(strategy: Strategy, region: str) -> list[PolicyStatement]:
    account = strategy.account
    bucket = names.evidence_bucket(strategy.prefix, region, account)
    return [
        WildcardStatement(
            actions=["backup:ListRestoreJobs"], resources=["*"], because="A list of jobs has no resource to name: reading only"
        ),
        WildcardStatement(
            actions=["backup:GetRestoreTestingPlan"],
            resources=[names.restore_testing_plan_arn(strategy.prefix, region, account) + "*"],
            because="AWS ends the plan's ARN in an id of its own",
        ),
        PolicyStatement(
            actions=["states:StartExecution"],
            resources=[names.state_machine_arn(strategy.prefix, ANSWER, region, account)],
        ),
        *read_evidence(bucket, names.RESTORE_TESTS),
        write_evidence(bucket, names.RESTORE_TESTS),
    ]

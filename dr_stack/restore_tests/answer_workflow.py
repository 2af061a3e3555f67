"""One restore test, answered: AWS Backup says that it restored something, this workflow whether it is what was backed up.

    find what was restored ▸ verify it, as after every restore ▸ stamp the verdict ▸ write the record

Only a verdict of the verifier is stamped, and no catch leads there: a verifier that crashes, or could not compare, leaves the
test without a result, keeps what was restored until AWS's window ends, and is told to people.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import EventPattern, Match
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, DefinitionBody, Pass, State, Succeed, Wait, WaitTime
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, list_evidence
from components.state_machine import Machine
from components.tasks import ANY, CAUGHT, call, invoke
from components.workflow_rule import WorkflowRule
from dr_stack.region_arns import Places
from dr_stack.restore.verify_steps import START_WINDOW
from dr_stack.restore_tests import outcome
from dr_stack.verify.functions import Functions
from dr_stack.verify.steps import Verifying
from dr_stack.workflow.steps import TIMEOUT
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.restore_test_names import ANSWER, ANSWERED_WITHIN
from strategy.contracts.contract import template_of
from strategy.contracts.requests.restore_tests import tested_in
from strategy.contracts.restore_tests import FindRequest
from strategy.contracts.verify import VerifyDynamoDbRequest, VerifyMySqlRequest, VerifyRequest
from strategy.model.strategy import StoreKind

_EVERY = timedelta(minutes=1)
_READY_WITHIN = timedelta(hours=1)
_PROBLEM = {"problem": f"{{% {CAUGHT} %}}"}


class AnsweringRestoreTests(Construct):
    """`machine` takes AWS Backup's event of a restore job, or what of it is read: `{"detail": {"restoreJobId"}}`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, verifiers: Functions, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._verifiers = strategy, region, verifiers
        prefix, account = strategy.prefix, strategy.account
        self._find = Function(
            self,
            "Find",
            name=naming.function(prefix, "find-restore-test"),
            handler="recovery.handlers.find_restore_test.handler",
            code=code,
            timeout=Duration.minutes(2),
            memory=256,
            environment={},
            permissions=_finding(strategy, region),
        )
        self.machine = Machine(
            self,
            "Workflow",
            name=naming.state_machine(prefix, ANSWER),
            comment="Answers one restore test of AWS Backup by the content of what was restored",
            definition=DefinitionBody.from_chainable(self._definition()),
            timeout=Duration.seconds(int(ANSWERED_WITHIN.total_seconds())),
        )
        WorkflowRule(
            self,
            "Restored",
            strategy=strategy,
            region=region,
            name=naming.rule(prefix, ANSWER),
            machine=self.machine,
            retry_attempts=10,
            max_event_age=Duration.hours(2),
            description="A restore test of AWS Backup restored something, or could not",
            event_pattern=EventPattern(
                source=["aws.backup"],
                detail_type=["Restore Job State Change"],
                detail={
                    "restoreTestingPlanArn": Match.prefix(naming.restore_testing_plan_arn(prefix, region, account)),
                    "status": ["COMPLETED", "FAILED", "ABORTED"],
                },
            ),
        )

    def _definition(self) -> Chain:
        begin = Pass.jsonata(
            self,
            "Read",
            state_name="Read the event",
            assign={"job_id": "{% $states.input.detail.restoreJobId %}", **outcome.NOTHING},
        )
        ended = outcome.Ending(self, "Ending", strategy=self._strategy, region=self._region)
        find = invoke(
            self,
            "FindCall",
            name="Find what was restored",
            function=self._find,
            request=template_of(FindRequest, restore_job_id="{% $job_id %}", wanted=tested_in(self._strategy, self._region)),
            timeout=TIMEOUT,
            assign={"found": "{% $states.result.Payload %}", "polls": "{% $polls + 1 %}"},
        )
        find.add_catch(ended.start, errors=ANY, assign=_PROBLEM)
        return Chain.start(begin).next(find).next(self._ready(find, ended.start))

    def _ready(self, find: State, ended: State) -> Choice:
        seconds = int(_EVERY.total_seconds())
        wait = Wait.jsonata(
            self, "Wait", state_name="Find what was restored: wait", time=WaitTime.duration(Duration.seconds(seconds))
        )
        wait.next(find)
        ready = Choice.jsonata(self, "Ready", state_name="Find what was restored: ready?")
        before = Succeed.jsonata(self, "Before", state_name="Answered before", outputs="{% $found %}")
        ready.when(Condition.jsonata("{% $found.state = 'answered' %}"), before)
        polls = _READY_WITHIN // _EVERY
        ready.when(
            Condition.jsonata(f"{{% $found.state = 'not-yet' and $polls >= {polls} %}}"),
            ended,
            assign={"problem": f"{{% 'not ready within {_READY_WITHIN}: ' & $found.because %}}"},
        )
        ready.when(Condition.jsonata("{% $found.state = 'not-yet' %}"), wait)
        ready.when(Condition.jsonata("{% $found.state != 'ready' %}"), ended, assign={"problem": "{% $found.because %}"})
        stamped = self._stamped(ended)
        verifiers = {StoreKind.MYSQL: self._verifiers.verify_mysql, StoreKind.DYNAMODB: self._verifiers.verify_dynamodb}
        for kind in dict.fromkeys(store.kind for store in self._strategy.stores):
            verify = self._verify(kind, verifiers[kind], ended)
            verify.end.next(stamped)
            ready.when(Condition.jsonata(f"{{% $found.kind = '{kind.value}' %}}"), verify.start)
        return ready.otherwise(ended)

    def _verify(self, kind: StoreKind, function: IFunction, ended: State) -> Verifying:
        own: dict[StoreKind, tuple[type[VerifyRequest], tuple[str, ...]]] = {
            StoreKind.MYSQL: (VerifyMySqlRequest, ("host", "port", "changes")),
            StoreKind.DYNAMODB: (VerifyDynamoDbRequest, ("table", "written_at")),
        }
        asked, names = own[kind]
        found = {each: f"{{% $found.verify.{each} %}}" for each in ("store", "bucket", "manifest_key", "moment", *names)}
        return Verifying(
            self,
            f"Verify{kind.value.title()}",
            name=f"Verify the content: {kind.value}",
            function=function,
            request=template_of(asked, **found, tolerance_seconds=int(START_WINDOW.total_seconds())),
            caught=lambda state: state.add_catch(ended, errors=ANY, assign=_PROBLEM),
        )

    def _stamped(self, ended: State) -> Choice:
        stamp = call(
            self,
            "Stamp",
            name="Stamp the verdict",
            service="backup",
            action="putRestoreValidationResult",
            parameters={
                "RestoreJobId": "{% $job_id %}",
                "ValidationStatus": f"{{% {outcome.STAMP} %}}",
                "ValidationStatusMessage": "{% $substring($verification.summary, 0, 500) %}",
            },
            resources=["*"],
            because="A restore job has no ARN",
            assign={"stamped": f"{{% {outcome.STAMP} %}}"},
        )
        problem = f"{{% 'the verdict could not be stamped: ' & {CAUGHT} %}}"
        stamp.add_catch(ended, errors=ANY, assign={"problem": problem})
        stamp.next(ended)
        verdict = Choice.jsonata(self, "Verdict", state_name="Stamp the verdict: is there one?")
        verdict.when(Condition.jsonata("{% $verification.verdict in ['passed', 'failed'] %}"), stamp)
        return verdict.otherwise(ended)


def _finding(strategy: Strategy, region: str) -> list[PolicyStatement]:
    account, places = strategy.account, Places(strategy, region)
    reading = "A restore job has no ARN: reading only"
    statements: list[PolicyStatement] = [
        WildcardStatement(actions=["backup:DescribeRestoreJob"], resources=["*"], because=reading),
        WildcardStatement(
            actions=["backup:DescribeRecoveryPoint"],
            resources=places.recovery_points,
            because="Which recovery point is tested AWS Backup chooses; these are its own",
        ),
        list_evidence(naming.evidence_bucket(strategy.prefix, region, account), naming.MANIFESTS),
    ]
    if places.instances:
        tested = naming.store_arn("mysql", region, account, f"{naming.TESTED}*")
        because = "AWS Backup chooses the name of what a restore test makes: random, but for how it begins"
        statements += [
            WildcardStatement(actions=["rds:DescribeDBInstances", "rds:ModifyDBInstance"], resources=[tested], because=because),
        ]
    return statements

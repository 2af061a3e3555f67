"""Is what came back the data of its moment? Only what passed goes on to the application, or what a person answers for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from dr_stack.verify.steps import Verifying
from dr_stack.workflow.steps import Otherwise, Part, catch
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Route, Step
from strategy.contracts.contract import Template, template_of
from strategy.contracts.verify import VerifyDynamoDbRequest, VerifyMySqlRequest

START_WINDOW = timedelta(hours=1)
"""Manifest and backup are started by the same schedule; a backup may start this much later, and customers go on writing."""


class Checking(Construct):
    """`part`: verify, and end the attempt when the verdict is not good enough. Assigns `verification`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        route: Route,
        verify: IFunction,
        ended: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        check = Verifying(
            self,
            "Verify",
            name=Step.VERIFY.value,
            function=verify,
            request=_request(strategy, region, route),
            caught=lambda state: catch(state, Step.VERIFY, ended),
        )
        good = Choice.jsonata(self, "Good", state_name=f"{Step.VERIFY}: good enough?")
        # What differs is never accepted; what could not be compared is, when the plan says who answers for it.
        accepted = "($verification.verdict = 'not_checked' and $type($plan.accept_unverified) = 'string')"
        good.when(Condition.jsonata(f"{{% $verification.verdict != 'passed' and $not({accepted}) %}}"), ended)
        self.part = Part(check.start, check.end).then(Part(good, Otherwise(good)))


def _request(strategy: Strategy, region: str, route: Route) -> Template[Any]:
    moment = "$plan.moment" if route.to_a_moment else "$plan.recovery_point.created"
    common: dict[str, Any] = {
        "store": "{% $plan.store %}",
        "bucket": names.evidence_bucket(strategy.prefix, region, strategy.account),
        "manifest_key": "{% $plan.manifest_key %}",
        "moment": f"{{% {moment} %}}",
        "replica": "{% $plan.replica = true %}",
        "not_before": "{% $exists($plan.verification.not_before) ? $plan.verification.not_before : '' %}",
        "tolerance_seconds": 1 if route.to_a_moment else int(START_WINDOW.total_seconds()),
    }
    if route.kind == "mysql":
        return template_of(
            VerifyMySqlRequest,
            **common,
            host="{% $endpoint.Address %}",
            port="{% $endpoint.Port %}",
            changes="{% $lookup($plan.verification, 'changes') %}",
        )
    return template_of(
        VerifyDynamoDbRequest,
        **common,
        table="{% $plan.target.name %}",
        written_at="{% $lookup($plan.verification, 'written_at') %}",
    )

"""From the claim of a plan until the restored store can be used: what each kind of store needs to be there.

A completed job is not an instance that answers, and a table that is there may still be filling: AWS's own status decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from components.tasks import NO_RESOURCE, call
from dr_stack.region_arns import Places
from dr_stack.restore.functions import RestoreFunctions
from dr_stack.workflow.steps import EVERY, WITHIN, Ends, Otherwise, Part, catch, failing, once, pause
from strategy import Strategy
from strategy.catalogue.routes import Route, Step
from strategy.contracts.contract import template_of
from strategy.contracts.restore import BeginRequest

_NEVER_AVAILABLE = ["failed", "incompatible-network", "incompatible-parameters", "incompatible-restore", "storage-full"]
_POLLS = WITHIN // EVERY
_NOT_KNOWN_YET = "DynamoDb.ResourceNotFoundException"
"""DescribeTable is eventually consistent: AWS has taken the restore, and may not know the table for some seconds."""


class Restoring(Construct):
    """`part`: begin, follow AWS Backup's job where there is one, wait until the store is there. Assigns `endpoint`, MySQL's."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        route: Route,
        functions: RestoreFunctions,
        ended: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        begin = once(
            self,
            Step.RESTORE,
            function=functions.begin,
            request=template_of(BeginRequest, plan="{% $plan %}"),
            assign={"job_id": "{% $states.result.Payload.job_id %}", "target_made": True},
            ended=ended,
        )
        there = self._there(strategy, region, route, ended)
        self.part = begin.then(there) if route.to_a_moment else begin.then(self._job(ended)).then(there)

    def _job(self, ended: IChainable) -> Part:
        """AWS Backup has no `.sync` integration. Begin found the target already there: then there is no job to follow."""
        place = Construct(self, "Job")
        followed = Choice.jsonata(place, "Followed", state_name=f"{Step.RESTORE}: a job?")
        describe = call(
            place,
            "Describe",
            name=f"{Step.RESTORE}: look at the job",
            service="backup",
            action="describeRestoreJob",
            parameters={"RestoreJobId": "{% $job_id %}"},
            resources=["*"],
            because=NO_RESOURCE,
            assign={
                "status": "{% $states.result.Status %}",
                "message": "{% $exists($states.result.StatusMessage) ? $states.result.StatusMessage : 'no reason given' %}",
                "polls_job": "{% $polls_job + 1 %}",
            },
        )
        catch(describe, Step.RESTORE, ended)
        over = Choice.jsonata(place, "Over", state_name=f"{Step.RESTORE}: has the job ended?")
        over.when(
            Condition.jsonata("{% $status in ['FAILED', 'ABORTED'] %}"),
            ended,
            assign=failing(Step.RESTORE, "{% 'the restore job ' & $job_id & ' ended ' & $status & ': ' & $message %}"),
        )
        over.when(
            Condition.jsonata(f"{{% $status != 'COMPLETED' and $polls_job >= {_POLLS} %}}"),
            ended,
            assign=failing(Step.RESTORE, f"{{% 'the restore job ' & $job_id & ' has not ended within {WITHIN}' %}}"),
        )
        wait = pause(place, Step.RESTORE, "wait for the job")
        over.when(Condition.jsonata("{% $status != 'COMPLETED' %}"), wait)
        followed.when(Condition.jsonata("{% $job_id != '' %}"), describe)
        wait.next(describe)
        describe.next(over)
        return Part(followed, Ends(Otherwise(followed), Otherwise(over)))

    def _there(self, strategy: Strategy, region: str, route: Route, ended: IChainable) -> Part:
        place = Construct(self, "There")
        describe = call(
            place,
            "Describe",
            name=f"{Step.RESTORE}: look at the store",
            resources=Places(strategy, region).restored(route),
            because="The store that the plan makes: its name ends in the plan's id",
            **_LOOKS[route.kind],
        )
        if route.kind == "dynamodb":
            describe.add_retry(errors=[_NOT_KNOWN_YET], interval=Duration.seconds(10), backoff_rate=1, max_attempts=12)
        catch(describe, Step.RESTORE, ended)
        ready = Choice.jsonata(place, "Ready", state_name=f"{Step.RESTORE}: is it there?")
        ready.when(
            Condition.jsonata(f"{{% $status in {_NEVER_AVAILABLE} %}}"),
            ended,
            assign=failing(Step.RESTORE, "{% $plan.target.name & ' is ' & $status %}"),
        )
        ready.when(
            Condition.jsonata(f"{{% $not($status in ['available', 'ACTIVE']) and $polls_restore >= {_POLLS} %}}"),
            ended,
            assign=failing(Step.RESTORE, f"{{% $plan.target.name & ' is not there within {WITHIN}: ' & $status %}}"),
        )
        wait = pause(place, Step.RESTORE)
        ready.when(Condition.jsonata("{% $not($status in ['available', 'ACTIVE']) %}"), wait)
        wait.next(describe)
        describe.next(ready)
        return Part(describe, Otherwise(ready))


_COUNT = {"polls_restore": "{% $polls_restore + 1 %}"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "mysql": {
        "service": "rds",
        "action": "describeDBInstances",
        "parameters": {"DbInstanceIdentifier": "{% $plan.target.name %}"},
        "assign": {
            "status": "{% $states.result.DbInstances[0].DbInstanceStatus %}",
            "endpoint": "{% $exists($states.result.DbInstances[0].Endpoint) ? $states.result.DbInstances[0].Endpoint : {} %}",
            **_COUNT,
        },
    },
    "dynamodb": {
        "service": "dynamodb",
        "action": "describeTable",
        "parameters": {"TableName": "{% $plan.target.name %}"},
        "assign": {"status": "{% $states.result.Table.TableStatus %}", **_COUNT},
    },
}

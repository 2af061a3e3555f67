"""From the claim of a plan until the restored store can be used: what each kind of store needs to be there.

A completed job is not an instance that answers, and a table that is there may still be filling: AWS's own status decides.
"""

from __future__ import annotations

import json
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
from strategy.catalogue import store_states
from strategy.catalogue.routes import Kind, Route, Step
from strategy.catalogue.store_states import Course
from strategy.contracts.contract import template_of
from strategy.contracts.restore import BeginRequest

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
            **_look(route.kind),
        )
        if route.kind == "dynamodb":
            describe.add_retry(errors=[_NOT_KNOWN_YET], interval=Duration.seconds(10), backoff_rate=1, max_attempts=12)
        catch(describe, Step.RESTORE, ended)
        ready = Choice.jsonata(place, "Ready", state_name=f"{Step.RESTORE}: is it there?")
        usable = f"$status in {store_states.of_course(route.kind, Course.OPERATIONAL)}"
        stuck = {word: state.then for word, state in store_states.STATES[route.kind].items() if state.stuck}
        ready.when(
            Condition.jsonata(f"{{% $status in {sorted(stuck)} %}}"),
            ended,
            assign=failing(
                Step.RESTORE, f"{{% $plan.target.name & ' is ' & $status & ': ' & $lookup({json.dumps(stuck)}, $status) %}}"
            ),
        )
        unknown = json.dumps(store_states.of(route.kind, "").then)
        ready.when(
            Condition.jsonata(f"{{% $polls_unknown >= {store_states.UNKNOWN_FOR // EVERY} %}}"),
            ended,
            assign=failing(Step.RESTORE, f"{{% $plan.target.name & ' is ' & $status & ': ' & {unknown} %}}"),
        )
        ready.when(
            Condition.jsonata(f"{{% $not({usable}) and $polls_restore >= {_POLLS} %}}"),
            ended,
            assign=failing(Step.RESTORE, f"{{% $plan.target.name & ' is not there within {WITHIN}: ' & $status %}}"),
        )
        wait = pause(place, Step.RESTORE)
        ready.when(Condition.jsonata(f"{{% $not({usable}) %}}"), wait)
        wait.next(describe)
        describe.next(ready)
        return Part(describe, Otherwise(ready))


def _look(kind: Kind) -> dict[str, Any]:
    """The call, with what it assigns: the status, and for how many looks in a row it was one that no table knows."""
    look = dict(_LOOKS[kind])
    status = look.pop("status")
    assign = {
        "status": f"{{% {status} %}}",
        **look.get("assign", {}),
        "polls_restore": "{% $polls_restore + 1 %}",
        "polls_unknown": f"{{% {status} in {sorted(store_states.STATES[kind])} ? 0 : $polls_unknown + 1 %}}",
    }
    return {**look, "assign": assign}


_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "mysql": {
        "service": "rds",
        "action": "describeDBInstances",
        "parameters": {"DbInstanceIdentifier": "{% $plan.target.name %}"},
        "status": "$states.result.DbInstances[0].DbInstanceStatus",
        "assign": {
            "endpoint": "{% $exists($states.result.DbInstances[0].Endpoint) ? $states.result.DbInstances[0].Endpoint : {} %}",
        },
    },
    "dynamodb": {
        "service": "dynamodb",
        "action": "describeTable",
        "parameters": {"TableName": "{% $plan.target.name %}"},
        "status": "$states.result.Table.TableStatus",
    },
}

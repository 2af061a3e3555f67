"""What a recovery leaves behind: one record, written to the evidence bucket, sent to the people, and returned.

The same shape whether it went well or not. It says what was done and what to do next, for a reader at 3 a.m.
"""

from __future__ import annotations

import json
from typing import Any

from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, Fail, Succeed
from constructs import Construct

from dr_stack.workflow.tasks import ANY, call
from strategy import Strategy, naming
from strategy.routes import Step

RECOVERED = "recovered"
VERIFICATION_FAILED = "verification-failed"
FAILED = "failed"

_NEXT = {
    RECOVERED: "Point the application at the restored stores. Nothing was deleted.",
    VERIFICATION_FAILED: (
        "A restored store differs from its manifest or could not be checked. It was left in place: read its report, then decide "
        "whether to use it or to restore an older recovery point with a new plan."
    ),
    FAILED: (
        "Whatever was restored was left in place. Mend the cause and start the same plan again: a restore job that is under way "
        "or complete is joined, not repeated. A store whose restore job itself failed needs a new plan."
    ),
}
_OUTCOME = (
    f"($count($stores[restored = false]) > 0 ? '{FAILED}' : "
    f"$count($stores[verdict != 'passed']) > 0 ? '{VERIFICATION_FAILED}' : '{RECOVERED}')"
)


def of_outcomes(region: str) -> dict[str, Any]:
    """The record of a run that got as far as an outcome for every store (variables `plan`, `started`, `stores`)."""
    return {
        "plan_id": "{% $plan.plan_id %}",
        "incident": "{% $plan.incident %}",
        "lost_region": "{% $plan.lost_region %}",
        "region": region,
        "execution": "{% $states.context.Execution.Id %}",
        "started": "{% $started %}",
        "finished": "{% $now() %}",
        "outcome": f"{{% {_OUTCOME} %}}",
        "problem": "{% $join([$stores[verdict != 'passed'].(store & ': ' & summary)], '; ') %}",
        "stores": "{% $stores %}",
        "next": f"{{% $lookup({json.dumps(_NEXT)}, {_OUTCOME}) %}}",
    }


def of_error(region: str) -> dict[str, Any]:
    """The record of a run that broke off. Sure of nothing, not even that the plan has the fields it should have."""
    return {
        "plan_id": "{% $exists($plan.plan_id) ? $plan.plan_id : $states.context.Execution.Name %}",
        "incident": "{% $exists($plan.incident) ? $plan.incident : 'unknown' %}",
        "lost_region": "{% $exists($plan.lost_region) ? $plan.lost_region : 'unknown' %}",
        "region": region,
        "execution": "{% $states.context.Execution.Id %}",
        "started": "{% $started %}",
        "finished": "{% $now() %}",
        "outcome": FAILED,
        "problem": "{% $states.errorOutput.Error & ': ' & $states.errorOutput.Cause %}",
        "stores": [],
        "next": _NEXT[FAILED],
    }


class Record(Construct):
    """Enter at `start` with the variable `record`; ends the execution as the record says.

    `folder` is the evidence bucket's, `named` the expression of the record's name in it, `what` heads the message to the people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, folder: str, named: str, what: str
    ) -> None:
        super().__init__(scope, construct_id)
        bucket = naming.evidence_bucket(strategy.prefix, region, strategy.account)
        topic = naming.alert_topic_arn(strategy.prefix, region, strategy.account)
        write = call(
            self,
            "Write",
            name=Step.RECORD.value,
            service="s3",
            action="putObject",
            parameters={
                "Bucket": bucket,
                "Key": f"{{% '{folder}/' & {named} & '.json' %}}",
                "Body": "{% $record %}",  # an object is written as JSON; a string would be quoted once more
                "ContentType": "application/json",
            },
            resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
            because="Every object of one folder: a record is named for its plan, which comes with the execution",
            assign={},
        )
        tell = call(
            self,
            "Tell",
            name="Tell the people",
            service="sns",
            action="publish",
            parameters={
                "TopicArn": topic,
                "Subject": f"{{% '{what} in {region}: ' & $record.outcome %}}",
                "Message": "{% $record.next & '\\n\\n' & $string($record, true) %}",
            },
            resources=[topic],
            assign={},
        )
        end = Choice.jsonata(self, "End", state_name="How did it end?")
        end.when(
            Condition.jsonata(f"{{% $record.outcome = '{RECOVERED}' %}}"),
            Succeed.jsonata(self, "Recovered", outputs="{% $record %}"),
        )
        end.when(
            Condition.jsonata(f"{{% $record.outcome = '{VERIFICATION_FAILED}' %}}"),
            self._fail("VerificationFailed"),
        )
        end.otherwise(self._fail("RecoveryFailed"))
        # A recovery without its record is no evidence, whatever came back; a message that does not arrive changes nothing.
        problem = "'the record could not be written: ' & $states.errorOutput.Cause"
        unrecorded = f"{{% $merge([$record, {{'outcome': '{FAILED}', 'problem': {problem}}}]) %}}"
        write.add_catch(tell, errors=ANY, assign={"record": unrecorded})
        tell.add_catch(end, errors=ANY)
        Chain.start(write).next(tell).next(end)
        self.start = write

    def _fail(self, error: str) -> Fail:
        return Fail.jsonata(self, error, error=error, cause="{% $record.problem & ' -- ' & $record.next %}")

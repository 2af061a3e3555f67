"""The end of every workflow: one record, written to the evidence bucket, sent to the people, and returned.

The same shape whether it went well or not. It says what was done and what to do next, for a reader at 3 a.m.
"""

from __future__ import annotations

import json
from typing import Any

from aws_cdk.aws_stepfunctions import Choice, Condition, Fail, IChainable, Succeed
from constructs import Construct

from components.tasks import ANY
from dr_stack.workflow.calls import keep_record, tell
from strategy import Strategy
from strategy.catalogue.routes import Step

RECOVERED = "recovered"
VERIFICATION_FAILED = "verification-failed"
FAILED = "failed"
_ALONE = "unrecorded"
_SAID = "$record.problem & ' -- ' & $record.next"
_SHORT = (
    "$string({'plan_id': $record.plan_id, 'outcome': $record.outcome, 'step': $record.step, 'problem': $record.problem, "
    "'exists': $record.exists, 'next': $record.next})"
)
"""What the client reads where no record is: a cause takes 32,768 characters, which the record of a region may pass."""


class Record(Construct):
    """Enter at `start` with the variable `record`; ends the execution as the record says.

    `folder` is the evidence bucket's, `named` the expression of the record's name in it, `what` heads the message to the people.
    `drills`: a plan may be a drill's, of which this tells nobody.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        folder: str,
        named: str,
        what: str,
        drills: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        here: Any = {"strategy": strategy, "region": region}
        named_for = "its plan, which comes with the execution"
        write = keep_record(self, **here, folder=folder, named=named, because=named_for)
        told = tell(
            self,
            **here,
            subject=f"{{% '{what} in {region}: ' & $record.outcome %}}",
            message="{% $record.next & '\\n\\n' & $string($record, true) %}",
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
        write.add_catch(told, errors=ANY, assign={"record": f"{{% $merge([$record, {_unrecorded(strategy, region)}]) %}}"})
        told.add_catch(end, errors=ANY)
        told.next(end)
        write.next(self._unless_a_drill(told, end) if drills else told)
        self.start = write

    def _unless_a_drill(self, told: IChainable, end: IChainable) -> IChainable:
        """A drill's own workflow tells, where there is a need."""
        drill = Choice.jsonata(self, "Drill", state_name="Is it a drill's?")
        drill.when(Condition.jsonata("{% $exists($record.drill) and $record.drill %}"), end)
        drill.otherwise(told)
        return drill

    def _fail(self, error: str) -> Fail:
        return Fail.jsonata(self, error, error=error, cause=f"{{% $exists($record.{_ALONE}) ? {_SHORT} : {_SAID} %}}")


def _unrecorded(strategy: Strategy, region: str) -> str:
    """A recovery without its record is no evidence, whatever came back; a message that does not arrive changes nothing."""
    resume = json.dumps(f" --env {strategy.environment} --region {region}. What is done is found, nothing is made twice.")
    return (
        f"{{'{_ALONE}': true, 'outcome': '{FAILED}', 'step': $record.step = '' ? '{Step.RECORD}' : $record.step, "
        "'problem': ($record.problem = '' ? '' : $record.problem & '; and ') & 'the record could not be written: ' & "
        f"$states.errorOutput.Cause, 'next': 'Mend the cause, then: python -m recovery resume ' & $record.plan_id & {resume}}}"
    )

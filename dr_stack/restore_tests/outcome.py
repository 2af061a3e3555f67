"""The end of a restore test: its record in the evidence bucket, and a word to the people unless it passed."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk.aws_stepfunctions import Choice, Condition, Fail, Pass, Succeed
from constructs import Construct

from components.tasks import ANY, CAUGHT
from dr_stack.workflow.calls import keep_record, tell
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.restore_test_names import FORMAT

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not-checked"
NOTHING: dict[str, Any] = {"found": {}, "verification": {}, "stamped": "", "problem": "", "polls": 0}
"""Variables of an answer before its first step. Whatever ends it finds all of them."""
STAMP = "($verification.verdict = 'passed' ? 'SUCCESSFUL' : 'FAILED')"
"""The verdict in AWS Backup's word, where there is one."""
_OUTCOME = (
    f"($found.state = 'failed' or $verification.verdict = 'failed' ? '{FAILED}' : "
    f"$verification.verdict = 'passed' ? '{PASSED}' : '{NOT_CHECKED}')"
)
_STORE = "($exists($found.store) and $found.store != '' ? $found.store : 'unknown')"
_PROBLEM = (
    f"($problem != '' ? $problem : {_OUTCOME} = '{PASSED}' or $not($exists($verification.summary)) ? '' : $verification.summary)"
)
_NEXT = {
    PASSED: "Nothing: AWS Backup deletes what the test restored.",
    FAILED: "The newest backup of this store does not bring back what was backed up. Read the report that the verification "
    "names, hold the store itself against its manifest (python -m recovery verify STORE), and restore an older recovery point "
    "beside it: `python -m recovery plan`, a route from a recovery point, --mode beside --recovery-point ARN.",
    NOT_CHECKED: "Nobody knows whether this backup is good. What was restored stays until AWS Backup's validation window ends: "
    "until then it can be verified by hand with `python -m recovery verify STORE --target NAME --at TIME`.",
}


def record(region: str) -> dict[str, Any]:
    """What stands in the evidence bucket."""
    return {
        "format": FORMAT,
        "kind": "restore-test",
        "at": "{% $now() %}",
        "by": "{% $states.context.Execution.Id %}",
        "region": region,
        "store": f"{{% {_STORE} %}}",
        "outcome": f"{{% {_OUTCOME} %}}",
        "problem": f"{{% {_PROBLEM} %}}",
        "stamped": "{% $stamped %}",
        "job": "{% $exists($found.job) ? $found.job : {'id': $job_id} %}",
        "data_of": "{% $exists($found.data_of) ? $found.data_of : '' %}",
        "verification": "{% $verification %}",
        "next": f"{{% $lookup({json.dumps(_NEXT)}, {_OUTCOME}) %}}",
    }


class Ending(Construct):
    """Enter at `start`. What did not pass ends the execution as failed."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        here: Any = {"strategy": strategy, "region": region}
        self.start = Pass.jsonata(self, "SumUp", state_name="Sum up", assign={"record": record(region)})
        moment = "$replace($replace($substring($states.context.Execution.StartTime, 0, 23), /[-:Z]/, ''), '+00', '') & 'Z'"
        write = keep_record(
            self,
            **here,
            folder=names.RESTORE_TESTS,
            named=f"$record.store & '/' & {moment} & '-{region}'",
            because="its store and its moment",
        )
        told = tell(
            self,
            **here,
            subject=f"{{% 'Restore test of ' & $record.store & ' in {region}: ' & $record.outcome %}}",
            message="{% $record.problem & '\\n\\n' & $record.next & '\\n\\n' & $string($record, true) %}",
        )
        good = Choice.jsonata(self, "Good", state_name="Did it pass?")
        passed = f"$record.outcome = '{PASSED}' and $record.problem = ''"
        good.when(Condition.jsonata(f"{{% {passed} %}}"), Succeed.jsonata(self, "Passed", outputs="{% $record %}"))
        good.otherwise(told)
        end = Fail.jsonata(
            self, "NotPassed", state_name="Not passed", error="RestoreTestNotPassed", cause="{% $string($record) %}"
        )
        unwritten = f"'the record could not be written: ' & {CAUGHT}"
        write.add_catch(told, errors=ANY, assign={"record": f"{{% $merge([$record, {{'problem': {unwritten}}}]) %}}"})
        told.add_catch(end, errors=ANY)
        told.next(end)
        write.next(good)
        self.start.next(write)

"""The end of every workflow: one record, written to the evidence bucket, sent to the people, and returned.

The same shape whether it went well or not. It says what was done and what to do next, for a reader at 3 a.m.
"""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, Fail, Succeed
from constructs import Construct

from dr_stack.workflow.tasks import ANY, call
from strategy import Strategy, naming
from strategy.routes import Step

RECOVERED = "recovered"
VERIFICATION_FAILED = "verification-failed"
FAILED = "failed"


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

"""Restore of a DynamoDB table from a recovery point, until it is verified. A completed job is an active table."""

from __future__ import annotations

from aws_cdk.aws_lambda import IFunction
from constructs import Construct

from components.stores import physical_name
from dr_stack.functions import VERIFY_TIMEOUT
from dr_stack.workflow.branch import Outcome
from dr_stack.workflow.restore import RestoreJob, catch
from dr_stack.workflow.tasks import invoke
from strategy import Strategy, naming
from strategy.model import DynamoDbStore


class DynamoDbRestore(Construct):
    """Enter at `start`; the output is the branch's outcome."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        store: DynamoDbStore,
        verify: IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        table = physical_name(strategy, store)
        outcome = Outcome(self, "Outcome", store=store, strategy=strategy)
        job = RestoreJob(
            self,
            "Job",
            strategy=strategy,
            region=region,
            store=store.name,
            resource_type="DynamoDB",
            # A restore from another region's backup must state the encryption. `Default` is DynamoDB's own key.
            metadata={"targetTableName": table, "encryptionType": "Default"},
            problem=outcome.problem,
        )
        verification = invoke(
            self,
            "Verify",
            name=f"Verify {store.name}",
            function=verify,
            payload={
                "store": store.name,
                "table": table,
                "bucket": naming.evidence_bucket(strategy.prefix, region, strategy.account),
                "manifest_key": f"{{% $lookup($points, '{store.name}').manifest_key %}}",
            },
            timeout=VERIFY_TIMEOUT,
            assign={"verification": "{% $states.result.Payload %}"},
        )
        catch(verification, outcome.problem, restored=True)
        job.then(verification)
        verification.next(outcome.verified)
        self.start = job.start

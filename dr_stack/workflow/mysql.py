"""Restore of a MySQL instance from a recovery point, until it is available and verified."""

from __future__ import annotations

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from components.network import Network
from components.stores import arn, physical_name
from dr_stack.functions import VERIFY_TIMEOUT
from dr_stack.workflow.branch import Outcome
from dr_stack.workflow.restore import LIMIT, POLLS, RestoreJob, catch, failure, pause
from dr_stack.workflow.tasks import call, invoke
from strategy import Strategy, naming
from strategy.model import MySqlStore

_NEVER_AVAILABLE = ["failed", "incompatible-network", "incompatible-parameters", "incompatible-restore", "storage-full"]


class MySqlRestore(Construct):
    """Enter at `start`; the output is the branch's outcome."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        store: MySqlStore,
        network: Network,
        verify: IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        outcome = Outcome(self, "Outcome", store=store, strategy=strategy)
        job = RestoreJob(
            self,
            "Job",
            strategy=strategy,
            region=region,
            store=store.name,
            resource_type="RDS",
            metadata=_settings(strategy, store, network),
            problem=outcome.problem,
        )
        verification = invoke(
            self,
            "Verify",
            name=f"Verify {store.name}",
            function=verify,
            payload={
                "store": store.name,
                "host": "{% $endpoint.Address %}",
                "port": "{% $endpoint.Port %}",
                "bucket": naming.evidence_bucket(strategy.prefix, region, strategy.account),
                "manifest_key": f"{{% $lookup($points, '{store.name}').manifest_key %}}",
            },
            timeout=VERIFY_TIMEOUT,
            assign={"verification": "{% $states.result.Payload %}"},
        )
        catch(verification, outcome.problem, restored=True)
        job.then(self._wait_until_available(strategy, region, store, outcome.problem, verification))
        verification.next(outcome.verified)
        self.start = job.start

    def _wait_until_available(
        self, strategy: Strategy, region: str, store: MySqlStore, problem: IChainable, available: IChainable
    ) -> IChainable:
        """A completed job is not an instance that answers: RDS may still be starting it."""
        instance = physical_name(strategy, store)
        describe = call(
            self,
            "Describe",
            name=f"Describe {store.name}",
            service="rds",
            action="describeDBInstances",
            parameters={"DbInstanceIdentifier": instance},
            resources=[arn(strategy, store, region)],
            assign={
                "instanceStatus": "{% $states.result.DbInstances[0].DbInstanceStatus %}",
                "endpoint": "{% $exists($states.result.DbInstances[0].Endpoint) ? $states.result.DbInstances[0].Endpoint : {} %}",
                "polls": "{% $polls + 1 %}",
            },
        )
        catch(describe, problem, restored=False)
        wait = pause(self, f"Wait for {store.name}")
        ready = Choice.jsonata(self, "Available", state_name=f"Is {store.name} available?")
        ready.when(Condition.jsonata("{% $instanceStatus = 'available' %}"), available)
        ready.when(
            Condition.jsonata(f"{{% $instanceStatus in {_NEVER_AVAILABLE} %}}"),
            problem,
            assign=failure(f"{{% 'the restored instance {instance} is ' & $instanceStatus %}}", restored=False),
        )
        ready.when(
            Condition.jsonata(f"{{% $polls >= {POLLS} %}}"),
            problem,
            assign=failure(f"{{% '{instance} is not available within {LIMIT}: ' & $instanceStatus %}}", restored=False),
        )
        ready.otherwise(wait)
        wait.next(describe)
        describe.next(ready)
        return describe


def _settings(strategy: Strategy, store: MySqlStore, network: Network) -> dict[str, str]:
    """The parameters of RDS's restore call, as AWS Backup takes them: text, lists in JSON.

    What is not asked for here falls back to RDS's defaults, not to what the lost instance had.
    """
    return {
        "DBInstanceIdentifier": physical_name(strategy, store),
        "DBInstanceClass": store.instance_class,
        "DBSubnetGroupName": naming.subnet_group(strategy.prefix),
        "DBParameterGroupName": naming.parameter_group(strategy.prefix),
        "VpcSecurityGroupIds": f'["{network.database_security_group}"]',
        "MultiAZ": str(store.multi_az).lower(),
        "EnableIAMDatabaseAuthentication": "true",
        "PubliclyAccessible": "false",
        "DeletionProtection": "true",
        "CopyTagsToSnapshot": "true",
    }

"""recover-region: everything that a lost region held, from its copies in this one.

Input, the plan: `{"plan_id": …, "incident": the moment it happened, "lost_region": …}`. Output: the record (`record.py`).
It needs nothing of the lost region. The whole of it runs inside one state with a catch: whatever breaks, data stays where it
is, and a record says what was done and what to do next.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import (
    Chain,
    DefinitionBody,
    IChainable,
    Parallel,
    Pass,
    TaskStateBase,
)
from constructs import Construct

from components import stores
from components.network import Network
from dr_stack.functions import Functions
from dr_stack.workflow import record
from dr_stack.workflow.dynamodb import DynamoDbRestore
from dr_stack.workflow.machine import Machine
from dr_stack.workflow.mysql import MySqlRestore
from dr_stack.workflow.tasks import ANY, invoke
from strategy import Strategy, naming
from strategy.model import MySqlStore, Store

WORKFLOW = "recover-region"


class RegionWorkflow(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        network: Network,
        functions: Functions,
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy = strategy
        self._region = region
        name = naming.state_machine(strategy.prefix, WORKFLOW)
        Machine(
            self,
            "Workflow",
            name=name,
            comment="Brings a lost region's data back in this region",
            definition=DefinitionBody.from_chainable(self._definition(network, functions)),
            timeout=Duration.hours(24),  # twice the limit of a restore: what no poll limit ended
        )

    def _definition(self, network: Network, functions: Functions) -> Chain:
        read = Pass.jsonata(
            self,
            "ReadPlan",
            state_name="Read the plan",
            assign={"plan": "{% $states.input %}", "started": "{% $states.context.Execution.StartTime %}"},
        )
        recover = Parallel.jsonata(self, "Recover", assign={"record": "{% $states.result[0] %}"})
        recover.branch(self._recovery(network, functions))
        written = record.Record(
            self,
            "Record",
            strategy=self._strategy,
            region=self._region,
            folder=naming.RECOVERIES,
            named="$record.plan_id",
            what="Recovery",
        )
        recover.add_catch(written.start, errors=ANY, assign={"record": record.of_error(self._region)})
        return Chain.start(read).next(recover).next(written.start)

    def _recovery(self, network: Network, functions: Functions) -> Chain:
        """A plan that lacks something fails here and now, not when the record is written hours later."""
        check = Pass.jsonata(
            self,
            "CheckPlan",
            state_name="Check the plan",
            assign={each: f"{{% $plan.{each} %}}" for each in ("plan_id", "incident", "lost_region")},
        )
        restore = Parallel.jsonata(self, "Restore", state_name="Restore", assign={"stores": "{% $states.result %}"})
        for store in self._strategy.stores:
            restore.branch(self._branch(store, network, functions))
        summarise = Pass.jsonata(self, "Summarise", outputs=record.of_outcomes(self._region))
        return Chain.start(check).next(self._choose(functions)).next(restore).next(summarise)

    def _choose(self, functions: Functions) -> TaskStateBase:
        """The newest usable recovery point of each store among the copies in this region."""
        strategy = self._strategy
        return invoke(
            self,
            "Choose",
            name="Choose recovery points",
            function=functions.choose,
            payload={
                "vault": naming.copy_vault(strategy.prefix),
                "evidence_bucket": naming.evidence_bucket(strategy.prefix, self._region, strategy.account),
                "stores": [
                    {"name": store.name, "kind": store.kind.value, "resource_arn": self._lost_arn(store)}
                    for store in strategy.stores
                ],
            },
            timeout=Duration.minutes(2),
            assign={"points": "{% $states.result.Payload %}"},
        )

    def _branch(self, store: Store, network: Network, functions: Functions) -> IChainable:
        construct_id = stores.construct_id(store)
        if isinstance(store, MySqlStore):
            return MySqlRestore(
                self,
                construct_id,
                strategy=self._strategy,
                region=self._region,
                store=store,
                network=network,
                verify=functions.verify_mysql,
            ).start
        return DynamoDbRestore(
            self,
            construct_id,
            strategy=self._strategy,
            region=self._region,
            store=store,
            verify=functions.verify_dynamodb,
        ).start

    def _lost_arn(self, store: Store) -> str:
        """Copies are known by the ARN of what they were made from. The lost region is a word of the plan, not of the template."""
        before, after = stores.arn(self._strategy, store, "|").split("|")
        return f"{{% '{before}' & $plan.lost_region & '{after}' %}}"

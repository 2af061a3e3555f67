"""A word to the stakeholders between two steps. A message that does not arrive changes nothing."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import IChainable, Pass
from constructs import Construct

from components.tasks import ANY
from dr_stack.workflow.calls import tell
from dr_stack.workflow.steps import Ends, Part, titled
from strategy import Strategy
from strategy.catalogue.region_steps import RegionStep


class Telling(Construct):
    """`message`: a JSONata expression."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        step: RegionStep,
        message: str,
        ended: IChainable,  # noqa: ARG002  every part has an end to go to; this one needs none
    ) -> None:
        super().__init__(scope, construct_id)
        telling = tell(
            self,
            strategy=strategy,
            region=region,
            name=titled(step, "tell the people"),
            subject=f"{{% 'Recovery of ' & $plan.lost_region & ' in {region}' %}}",
            message=f"{{% {message} & '\\n\\nPlan ' & $plan.plan_id & ', attempt ' & $string($attempt) %}}",
        )
        told = Pass.jsonata(self, "Told", state_name=titled(step, "told"))
        telling.add_catch(told, errors=ANY)
        telling.next(told)
        self.part = Part(telling, Ends(told))

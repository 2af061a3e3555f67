"""A word to the stakeholders between two steps. A message that does not arrive changes nothing."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import IChainable, Pass
from constructs import Construct

from dr_stack.workflow.route.flow import Ends, Part, titled
from dr_stack.workflow.tasks import ANY, call
from strategy import Strategy, naming
from strategy.region import RegionStep


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
        topic = naming.alert_topic_arn(strategy.prefix, region, strategy.account)
        tell = call(
            self,
            "Tell",
            name=titled(step, "tell the people"),
            service="sns",
            action="publish",
            parameters={
                "TopicArn": topic,
                "Subject": f"{{% 'Recovery of ' & $plan.lost_region & ' in {region}' %}}",
                "Message": f"{{% {message} & '\\n\\nPlan ' & $plan.plan_id & ', attempt ' & $string($attempt) %}}",
            },
            resources=[topic],
            assign={},
        )
        told = Pass.jsonata(self, "Told", state_name=titled(step, "told"))
        tell.add_catch(told, errors=ANY)
        tell.next(told)
        self.part = Part(tell, Ends(told))

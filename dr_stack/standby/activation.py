"""Whether the workload runs here: one parameter, one condition set on whole subtrees, and a guard on the way back.

The parameter is the deployment's to set and nobody's to remember: UpdateStack and the CDK's command line resend it as it was.
"""

from __future__ import annotations

from pathlib import Path

import jsii
from aws_cdk import Aspects, CfnCondition, CfnParameter, CfnResource, CustomResource, Duration, Fn, IAspect
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct, IConstruct

from components.function import Function
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.cutover import ActivationProperties


@jsii.implements(IAspect)
class _Behind:
    """Sets a condition on every resource that it visits."""

    def __init__(self, condition: CfnCondition) -> None:
        self._condition = condition

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource):
            node.cfn_options.condition = self._condition


class Activation(Construct):
    """Deactivation is refused while traffic is here, before anything is deleted: CloudFormation updates, here the guard, and
    only then deletes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        self.parameter = CfnParameter(
            self,
            "Parameter",
            allowed_values=["true", "false"],
            default="false",
            description="Whether the workload runs in this region. Everything that costs by the hour waits for true.",
        )
        self.parameter.override_logical_id(names.ACTIVATED)
        self.condition = CfnCondition(self, "Condition", expression=Fn.condition_equals(self.parameter.value_as_string, "true"))
        self.condition.override_logical_id("IsActivated")
        guard = Function(
            self,
            "Guard",
            name=names.function(strategy.prefix, "activation-guard"),
            handler="recovery.handlers.activation_guard.handler",
            code=code,
            timeout=Duration.minutes(1),
            memory=256,
            environment={},
            permissions=[
                PolicyStatement(
                    actions=["ssm:GetParameter"],
                    resources=[f"arn:aws:ssm:{region}:{strategy.account}:parameter{names.switch(strategy.prefix)}"],
                )
            ],
        )
        regions = strategy.regions
        CustomResource(
            self,
            "Guarded",
            service_token=guard.function_arn,
            resource_type="Custom::Activation",
            service_timeout=Duration.minutes(5),
            properties=ActivationProperties(
                Activated=self.parameter.value_as_string,
                Switch=names.switch(strategy.prefix),
                Home="true" if region == names.home(regions.primary, regions.recovery) else "false",
            ).to_json(),
        )

    def when(self, scope: Construct) -> None:
        """Everything under `scope` exists only while the workload is activated."""
        Aspects.of(scope).add(_Behind(self.condition))

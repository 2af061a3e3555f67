"""Where the application finds each store: SSM parameters that its services read when they start.

Made with the store, by a function that never overwrites: which of two stores is the live one is state. A restore moves it, and
a later deployment of this stack must not move it back.
"""

from __future__ import annotations

import json
from pathlib import Path

from aws_cdk import CustomResource, Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from backup_stack.stores import Stores
from components.function import Function
from components.stores import construct_id as construct_id_of
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.contracts.stores import EndpointProperties


class Endpoints(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, stores: Stores, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        made_here = {
            **{
                name: {"resource": each.ref, "host": each.attr_endpoint_address, "port": each.attr_endpoint_port}
                for name, each in stores.instances.items()
            },
            **{name: {"resource": each.table_name} for name, each in stores.tables.items()},
        }
        if not made_here:
            return
        names = {name: naming.endpoint(strategy.prefix, name) for name in made_here}
        function = Function(
            self,
            "Function",
            name=naming.function(strategy.prefix, "endpoint-parameter"),
            handler="recovery.handlers.endpoint_parameter.handler",
            code=code,
            timeout=Duration.minutes(1),
            memory=256,
            environment={},
            permissions=[
                PolicyStatement(
                    actions=["ssm:PutParameter"],
                    resources=[f"arn:aws:ssm:{region}:{strategy.account}:parameter{name}" for name in names.values()],
                )
            ],
        )
        for name, value in made_here.items():
            CustomResource(
                self,
                construct_id_of(strategy.store(name)),
                service_token=function.function_arn,
                resource_type="Custom::Endpoint",
                service_timeout=Duration.minutes(5),
                properties=EndpointProperties(Name=names[name], Value=json.dumps(value)).to_json(),
            )

"""StandbyStack: the same in both regions, whatever their role.

In the primary it carries the running data stores and the running workload; in the recovery region it waits, and costs one load
balancer, until it is activated (`dr_stack/standby/activation.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import DefaultStackSynthesizer

from components import network
from components.regional_stack import RegionalStack
from dr_stack.standby.activation import Activation
from dr_stack.standby.balancer import Balancer
from dr_stack.standby.database import DatabaseSettings
from dr_stack.standby.network import StandbyNetwork
from dr_stack.standby.workload import Workload


class StandbyStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        # Without the rule there is no parameter of SSM's, which whoever updates the stack would have to be allowed to read; the
        # CDK's command line looks at the bootstrap's version by itself.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        super().__init__(*arguments, kind="standby", synthesizer=synthesizer, **properties)
        strategy, region, prefix = self.strategy, self.home, self.strategy.prefix
        standby = StandbyNetwork(self, "Network", strategy=strategy, region=region)
        DatabaseSettings(
            self, "Database", strategy=strategy, subnets=standby.database_subnets, drill_subnets=standby.drill_subnets
        )
        activation = Activation(self, "Activation", strategy=strategy, region=region, code=functions)
        balancer = Balancer(self, "Entrance", strategy=strategy, region=region, network=standby)
        Workload(
            self,
            "Workload",
            strategy=strategy,
            region=region,
            network=standby,
            activation=activation,
            balancer=balancer,
        )
        network.publish(
            self,
            prefix=prefix,
            values={
                network.DATABASE_SECURITY_GROUP: standby.database.security_group_id,
                network.DRILL_SECURITY_GROUP: standby.drills.security_group_id,
                network.FUNCTION_SECURITY_GROUP: standby.functions.security_group_id,
                network.BALANCER_SECURITY_GROUP: standby.balancer.security_group_id,
                network.FUNCTION_SUBNETS: network.join(standby.function_subnets),
            },
        )

    @property
    def availability_zones(self) -> list[str]:
        """As the strategy names them: synthesis looks nothing up."""
        return list(self.strategy.networks[self.home].zones)

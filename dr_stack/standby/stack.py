"""StandbyStack: the same in both regions, whatever their role.

In the primary it carries the running data stores; in the recovery region it waits for restored ones.
"""

from __future__ import annotations

from typing import Any

from components import network
from components.regional_stack import RegionalStack
from dr_stack.standby.database import DatabaseSettings
from dr_stack.standby.network import StandbyNetwork


class StandbyStack(RegionalStack):
    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, kind="standby", **properties)
        prefix = self.strategy.prefix
        standby = StandbyNetwork(self, "Network", strategy=self.strategy, region=self.home)
        DatabaseSettings(self, "Database", strategy=self.strategy, subnets=standby.database_subnets)
        network.publish(
            self,
            prefix=prefix,
            values={
                network.DATABASE_SECURITY_GROUP: standby.database.security_group_id,
                network.FUNCTION_SECURITY_GROUP: standby.functions.security_group_id,
                network.FUNCTION_SUBNETS: network.join(standby.function_subnets),
            },
        )

    @property
    def availability_zones(self) -> list[str]:
        """As the strategy names them: synthesis looks nothing up."""
        return list(self.strategy.networks[self.home].zones)

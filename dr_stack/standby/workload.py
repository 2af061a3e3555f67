"""What of the workload waits for the activation, by the strategy's tier: all, all but the ways out and the cache, or nothing."""

from __future__ import annotations

from constructs import Construct

from dr_stack.standby.activation import Activation
from dr_stack.standby.balancer import Balancer
from dr_stack.standby.cache import Cache, CacheSettings
from dr_stack.standby.egress import Egress
from dr_stack.standby.network import StandbyNetwork
from dr_stack.standby.services import Services, ServiceSettings
from dr_stack.standby.sftp import SftpHost, SftpProfile
from strategy import Strategy
from strategy.model.strategy import Standby


class Workload(Construct):
    """`Light` runs in a pilot light too, `Full` in a warm standby too. No data store is in either."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        network: StandbyNetwork,
        activation: Activation,
        balancer: Balancer,
    ) -> None:
        super().__init__(scope, construct_id)
        cache = CacheSettings(self, "CacheSettings", strategy=strategy, network=network)
        services = ServiceSettings(self, "ServiceSettings", strategy=strategy, region=region)
        sftp = SftpProfile(self, "SftpSettings", strategy=strategy, region=region)
        light, full = Construct(self, "Light"), Construct(self, "Full")
        ways_out = Egress(light, "Egress", strategy=strategy, network=network)
        Cache(light, "Cache", strategy=strategy, network=network, settings=cache)
        made = Services(
            full,
            "Services",
            strategy=strategy,
            region=region,
            network=network,
            settings=services,
            balancer=balancer,
            activation=activation,
        )
        host = SftpHost(full, "SftpHost", strategy=strategy, network=network, profile=sftp.profile)
        for each in (made, host):  # what starts without a way out does not find its packages
            each.node.add_dependency(ways_out)
        made.node.add_dependency(balancer)
        if strategy.standby is Standby.BACKUP_AND_RESTORE:
            activation.when(light)
        if strategy.standby is not Standby.WARM:
            activation.when(full)

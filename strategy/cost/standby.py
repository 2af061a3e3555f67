"""What a standby tier costs by the month before anything has happened, besides the replicas, which are in the stores' lines."""

from __future__ import annotations

from collections.abc import Iterator

from strategy.cost.assumptions import HOURS
from strategy.cost.lines import Line, Purpose, Writer
from strategy.cost.prices import Prices
from strategy.model.strategy import Standby, Strategy

_CACHE_NODES = 2


def lines(strategy: Strategy, tier: Standby, prices: Prices) -> Iterator[Line]:
    """In the recovery region. The load balancer stands in every tier: the failover record points at it ahead of time."""
    region = strategy.regions.recovery
    zones = len(strategy.networks[region].zones)
    write = Writer(prices, region)

    def hourly(what: str, number: int, price: str, how: str) -> Line:
        return write.line(Purpose.STANDBY, what, number * HOURS, price, how)

    yield hourly("load balancer", 1, "load_balancer", "one for all services, without its traffic")
    yield hourly("load balancer's addresses", zones, "public_address", "one in each zone")
    if tier is Standby.BACKUP_AND_RESTORE:
        return
    ways_out = zones if strategy.production else 1
    yield hourly("NAT gateways", ways_out, "nat_gateway", "one in each zone in production, else one; without their traffic")
    yield hourly("NAT gateways' addresses", ways_out, "public_address", "one each")
    yield hourly("cache", _CACHE_NODES, "cache", "two nodes, in two zones")
    if tier is Standby.WARM:
        for service in strategy.services:
            yield hourly(f"service {service.name}", 1, f"ec2 {service.instance_type}", "one instance, without its disk")
        yield hourly("SFTP host", 1, "ec2 t4g.micro", "one instance, without its disk")

"""Networks: one for each region, with its own zones, and no two with the same addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

from strategy.checks.guards.finding import Finding, error
from strategy.model.strategy import Strategy


def networks(strategy: Strategy, _today: date) -> Iterator[Finding]:
    for role in ("primary", "recovery"):
        region: str = getattr(strategy.regions, role)
        if region not in strategy.networks:
            message = f"found {region!r}, which has no network; add [networks.{region}] with cidr and zones"
            yield error("networks", f"regions.{role}", message)
    for region, network in strategy.networks.items():
        foreign = [zone for zone in network.zones if not zone.startswith(region)]
        if foreign:
            yield error("networks", f"networks.{region}.zones", f"found {foreign[0]!r}, which is not in {region}")
        if len(set(network.zones)) < len(network.zones):
            yield error("networks", f"networks.{region}.zones", "a zone is named twice; two zones must be able to fail apart")
    for (one, first), (other, second) in combinations(strategy.networks.items(), 2):
        if IPv4Network(first.cidr).overlaps(IPv4Network(second.cidr)):
            message = f"{first.cidr} overlaps {second.cidr} of {other}; the two could never be connected; choose another range"
            yield error("networks", f"networks.{one}.cidr", message)

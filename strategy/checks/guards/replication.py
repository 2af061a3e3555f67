"""RDS replicates automated backups only between pairs of regions that AWS has made, and not every pair works both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from strategy.checks.guards.finding import Finding, error
from strategy.model.stores import MySqlStore
from strategy.model.strategy import Strategy

DESTINATIONS: dict[str, frozenset[str]] = {
    source: frozenset(destinations.split())
    for source, destinations in {
        "af-south-1": "eu-central-1 eu-west-1 eu-west-2",
        "ap-east-1": "ap-southeast-1 ap-northeast-1",
        "ap-east-2": "ap-southeast-1 ap-northeast-1",
        "ap-northeast-1": "ap-east-1 ap-east-2 ap-northeast-3 ap-northeast-2 ap-southeast-1 us-east-1 us-east-2 us-west-2",
        "ap-northeast-2": "ap-southeast-1 ap-northeast-1 us-east-1 us-east-2 us-west-2",
        "ap-northeast-3": "ap-northeast-1",
        "ap-south-1": "ap-south-2 ap-southeast-1 us-east-1 us-east-2 us-west-2",
        "ap-south-2": "ap-south-1",
        "ap-southeast-1": (
            "ap-east-1 ap-east-2 ap-southeast-5 ap-southeast-6 ap-southeast-7 ap-south-1 ap-northeast-2 "
            "ap-southeast-2 ap-northeast-1 us-east-1 us-east-2 us-west-2"
        ),
        "ap-southeast-2": "ap-southeast-4 ap-southeast-6 ap-southeast-1 us-east-1 us-west-1 us-west-2",
        "ap-southeast-3": "ap-southeast-5 ap-southeast-1 ap-southeast-7",
        "ap-southeast-4": "ap-southeast-2 ap-southeast-6",
        "ap-southeast-5": "ap-southeast-1",
        "ap-southeast-6": "ap-southeast-1 ap-southeast-2 ap-southeast-4",
        "ap-southeast-7": "ap-southeast-1 ap-southeast-3",
        "ca-central-1": "ca-west-1 eu-west-1 us-east-1 us-east-2 us-west-1 us-west-2",
        "ca-west-1": "ca-central-1",
        "cn-north-1": "cn-northwest-1",
        "cn-northwest-1": "cn-north-1",
        "eu-central-1": "af-south-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-central-2 us-east-1 us-east-2 us-west-2",
        "eu-central-2": "eu-central-1 eu-west-1",
        "eu-north-1": "eu-central-1 eu-west-1 eu-west-2 eu-west-3",
        "eu-south-1": "eu-central-1",
        "eu-south-2": "eu-west-1 eu-west-3",
        "eu-west-1": (
            "af-south-1 ca-central-1 eu-central-1 eu-west-2 eu-west-3 eu-north-1 eu-central-2 mx-central-1 "
            "us-east-1 us-east-2 us-west-1 us-west-2"
        ),
        "eu-west-2": "af-south-1 eu-central-1 eu-west-1 eu-west-3 eu-north-1 us-east-1",
        "eu-west-3": "eu-central-1 eu-west-1 eu-west-2 eu-north-1 us-east-1",
        "il-central-1": "eu-west-1",
        "me-central-1": "eu-central-1",
        "mx-central-1": "eu-west-1 us-west-1",
        "sa-east-1": "us-east-1 us-east-2",
        "us-east-1": (
            "ap-south-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 ap-northeast-1 ca-central-1 eu-central-1 "
            "eu-west-1 eu-west-2 eu-west-3 eu-north-1 sa-east-1 us-east-2 us-west-1 us-west-2"
        ),
        "us-east-2": (
            "ap-south-1 ap-northeast-2 ap-southeast-1 ap-northeast-1 ca-central-1 eu-central-1 eu-west-1 "
            "sa-east-1 us-east-1 us-west-1 us-west-2"
        ),
        "us-gov-east-1": "us-gov-west-1",
        "us-gov-west-1": "us-gov-east-1",
        "us-west-1": "ap-southeast-2 ca-central-1 eu-west-1 mx-central-1 us-east-1 us-east-2 us-west-2",
        "us-west-2": (
            "ap-south-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 ap-northeast-1 ca-central-1 eu-central-1 "
            "eu-west-1 us-east-1 us-east-2 us-west-1"
        ),
    }.items()
}
"""From AWS's user guide, "Replicating automated backups to another AWS Region" (read 2026). A region that is missing replicates
nowhere. `rds:DescribeSourceRegions`, asked in the destination, is the live answer."""


def replicated_backups(strategy: Strategy, _today: date) -> Iterator[Finding]:
    primary, recovery = strategy.regions.primary, strategy.regions.recovery
    directions = [(primary, recovery, "")]
    if strategy.regions.failback:
        directions.append((recovery, primary, ", and coming back is promised (regions.failback)"))
    for store in strategy.stores:
        if not isinstance(store, MySqlStore) or not store.replicated_backups:
            continue
        for source, destination, why in directions:
            reached = DESTINATIONS.get(source, frozenset())
            if destination not in reached:
                yield error(
                    "replicated-backups",
                    f"stores[{store.name}].replicated_backups",
                    f"RDS does not replicate automated backups from {source} to {destination}{why}; "
                    f"it does to: {', '.join(sorted(reached)) or 'no region'}; choose such a pair, or rely on copies",
                )

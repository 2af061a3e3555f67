"""Resolving a name as Route 53's name servers do: the deployed records, failover decided by their health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import route53_backends

from aws_rehearsal.web.health import HealthChecks

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_BALANCERS = ".elb.amazonaws.com"
_FURTHEST = 8
"""Names that follow one another: more would be a circle."""


class Dns:
    """The names of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._checks = HealthChecks(cloud)

    def path(self, name: str) -> tuple[str, ...]:
        """The names that follow one another, from `name` to a load balancer's own, or to where it leads no further."""
        found = [name.rstrip(".").lower()]
        while not found[-1].endswith(_BALANCERS) and len(found) < _FURTHEST:
            following = self._next(found[-1])
            if following is None:
                break
            found.append(following)
        return tuple(found)

    def _next(self, name: str) -> str | None:
        record = self._chosen([each for each in _records(name) if each.type in {"A", "CNAME"}])
        if record is None:
            return None
        target = record.alias_target["DNSName"] if record.alias_target else record.resource_records[0]["Value"]
        return str(target).rstrip(".").lower()

    def _chosen(self, records: list[Any]) -> Any:
        """The primary while it is healthy, the secondary otherwise; one without a check is always healthy. None of none."""
        by_role = {each.failover or "": each for each in records}
        primary, secondary = by_role.get("PRIMARY"), by_role.get("SECONDARY")
        if primary is None or secondary is None:
            return primary or secondary or by_role.get("")
        check = primary.health_check_id
        return primary if not check or self._checks.healthy(check) else secondary


def _records(name: str) -> list[Any]:
    """The record sets of that name: a resolver asks name servers, and not the API."""
    zones = [each for each in route53_backends[DEFAULT_ACCOUNT_ID]["aws"].zones.values() if name.endswith(each.name.rstrip("."))]
    return [record for zone in zones for record in zone.rrsets if record.name.rstrip(".").lower() == name]

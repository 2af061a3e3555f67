"""Resolving a name as Route 53's name servers do: the deployed records, failover decided by their health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_rehearsal.web.health import CALLER, HealthChecks

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
        records = [each for each in self._records(name) if each["Type"] in {"A", "CNAME"}]
        record = self._chosen(records)
        if record is None:
            return None
        target = record["AliasTarget"]["DNSName"] if "AliasTarget" in record else record["ResourceRecords"][0]["Value"]
        return str(target).rstrip(".").lower()

    def _chosen(self, records: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The primary while it is healthy, the secondary otherwise; one without a check is always healthy."""
        by_role = {each.get("Failover", ""): each for each in records}
        primary, secondary = by_role.get("PRIMARY"), by_role.get("SECONDARY")
        if primary is None or secondary is None:
            return primary or secondary or by_role.get("")
        check = primary.get("HealthCheckId")
        return primary if not check or self._checks.healthy(check) else secondary

    def _records(self, name: str) -> list[dict[str, Any]]:
        route53 = self._cloud.client("route53", "us-east-1", caller=CALLER)
        zones = [each for each in route53.list_hosted_zones()["HostedZones"] if name.endswith(each["Name"].rstrip("."))]
        return [
            record
            for zone in zones
            for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
            if record["Name"].rstrip(".").lower() == name
        ]

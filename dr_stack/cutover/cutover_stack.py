"""CutoverStack: the one name that customers use, as two failover records that exist ahead and are never written again.

They are bound to region names and not to roles, so that a swap changes nothing. The primary record is the home region's, and
stands while one of two holds: the other region does not claim traffic, or the home region does. `tests/cutover.py` has the
table.

A stack of its own, deployed last and from the home region: nothing of it is needed, or called, on the night.
"""

from __future__ import annotations

from typing import Any

from aws_cdk.aws_route53 import CfnHealthCheck, CfnRecordSet

from components.regional_stack import RegionalStack
from strategy import Strategy
from strategy.catalogue import names

_TTL = "60"
"""Seconds for which a resolver keeps the answer."""


class CutoverStack(RegionalStack):
    @staticmethod
    def wanted(strategy: Strategy) -> bool:
        return strategy.dns is not None

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, kind="cutover", **properties)
        dns = self.strategy.dns
        if dns is None:
            raise ValueError("a cutover stack needs a name: the strategy has no [dns]")
        # A gap in the other region's metric must not bring traffic back to a region that is gone or fenced.
        away = self._check("OtherServes", region=self.other_region, without_data="LastKnownStatus")
        # What cannot be read is no claim: with the home region gone, traffic goes where the other region says.
        back = self._check("HomeClaims", region=self.home, without_data="Unhealthy")
        serves = CfnHealthCheck(
            self,
            "HomeServes",
            health_check_config=CfnHealthCheck.HealthCheckConfigProperty(
                type="CALCULATED", child_health_checks=[away.ref, back.ref], health_threshold=1
            ),
        )
        for role, region, check in (("PRIMARY", self.home, serves.ref), ("SECONDARY", self.other_region, None)):
            CfnRecordSet(
                self,
                role.title(),
                hosted_zone_name=f"{dns.zone}.",
                name=f"{dns.name}.",
                type="CNAME",
                ttl=_TTL,
                set_identifier=region,
                failover=role,
                health_check_id=check,
                resource_records=[dns.regional(region)],
            )

    def _check(self, construct_id: str, *, region: str, without_data: str) -> CfnHealthCheck:
        """Of the metric that a region's alarm names. Not inverted: in alarm is unhealthy."""
        return CfnHealthCheck(
            self,
            construct_id,
            health_check_config=CfnHealthCheck.HealthCheckConfigProperty(
                type="CLOUDWATCH_METRIC",
                alarm_identifier=CfnHealthCheck.AlarmIdentifierProperty(
                    name=names.switch_alarm(self.strategy.prefix), region=region
                ),
                insufficient_data_health_status=without_data,
            ),
        )

"""The bill counts whatever the templates make and AWS charges by the month, however small the data."""

from __future__ import annotations

from datetime import date

import pytest

from strategy.cost import Prices, monthly
from strategy.cost.shared import POINT_CONTROLS, store_controls
from tests.stacks.assembly import Assembly

CHARGED = {
    "keys": ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
    "secrets": ("AWS::SecretsManager::Secret",),
    "alarms": ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
}
"""By the line of `strategy/cost/shared.py`."""


@pytest.mark.proves("cost.monthly")
@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
@pytest.mark.parametrize("what", CHARGED)
def test_what_the_templates_make_is_paid_for(environments: dict[str, Assembly], environment: str, what: str) -> None:
    found = environments[environment]
    regions = found.strategy.regions
    bill = monthly(found.strategy, Prices.load(), date(2026, 11, 26))
    for region in (regions.primary, regions.recovery):
        counted = sum(line.quantity for line in bill.lines if line.what == what and line.region == region)
        # A secret is made once, in the primary, and replicated.
        home = regions.primary if what == "secrets" else region
        made = sum(1 for _ in found.resources(*CHARGED[what], region=home))
        assert 0 <= made <= counted, (
            f"{made} {what} in {region}, {counted:g} are paid for: strategy/cost/shared.py or assumptions.py"
        )


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_controls_are_the_frameworks(environments: dict[str, Assembly], environment: str) -> None:
    found = environments[environment]
    for region in (found.strategy.regions.primary, found.strategy.regions.recovery):
        ((_, framework),) = found.resources("AWS::Backup::Framework", region=region)
        names = [each["ControlName"] for each in framework["Properties"]["FrameworkControls"]]
        of_points = [name for name in names if name.startswith("BACKUP_RECOVERY_POINT")]
        assert len(of_points) == POINT_CONTROLS
        assert len(names) - len(of_points) == store_controls(found.strategy, region)

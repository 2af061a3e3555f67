"""The strategy works between other regions too, either way round: nothing is written for one pair of regions."""

from __future__ import annotations

from datetime import date

import pytest

from components.coverage import gaps
from strategy import load
from strategy.checks.guards import Severity, check
from strategy.model.strategy import Network, Strategy
from tests.stacks.assembly import Synthesise

TODAY = date(2026, 11, 23)
PAIRS = (
    ("us-east-1", "us-west-2"),
    ("eu-west-1", "eu-central-1"),
    ("ap-southeast-1", "ap-southeast-2"),
    ("ca-central-1", "us-east-2"),
    ("eu-west-1", "eu-west-2"),
)


def between(primary: str, recovery: str) -> Strategy:
    """Production with its two networks elsewhere."""
    strategy = load("prod", primary=primary, recovery=recovery)
    networks = {
        region: Network(cidr=there.cidr, zones=(f"{region}a", f"{region}b"))
        for region, there in zip((primary, recovery), load("prod").networks.values(), strict=True)
    }
    return strategy.model_copy(update={"networks": networks})


def tier(pair: tuple[str, str]) -> list[pytest.MarkDecorator]:
    """The first is synthesised by `make test`; each on a worker of its own."""
    alone = pytest.mark.xdist_group(" ".join(pair))
    return [alone] if pair == PAIRS[0] else [alone, pytest.mark.extended]


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=" ".join(pair), marks=tier(pair)) for pair in PAIRS])
@pytest.mark.parametrize("swapped", [False, True], ids=["there", "back"])
def test_a_pair_of_regions_keeps_every_promise(synthesise: Synthesise, one: str, other: str, swapped: bool) -> None:
    primary, recovery = (other, one) if swapped else (one, other)
    strategy = between(primary, recovery)
    assert [str(each) for each in check(strategy, TODAY) if each.severity is Severity.ERROR] == []
    assembly = synthesise("prod", primary=primary, recovery=recovery, checked=True, networks=strategy.networks)
    assert assembly.findings() == []
    assert gaps(assembly.directory, strategy, TODAY) == []
    ((_, plan),) = assembly.resources("AWS::Backup::BackupPlan", region=primary)
    copies = [
        copy["DestinationBackupVaultArn"]
        for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"]
        for copy in rule["CopyActions"]
    ]
    assert {arn.split(":")[3] for arn in copies} == {recovery}

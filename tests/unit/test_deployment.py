"""What `make deploy` runs, and in which order: the primary is told the key of a recovery region that stands."""

from __future__ import annotations

from typing import Any

import pytest

from deployment import foundations
from deployment.deploy import DeploymentError, deploy
from strategy import load
from strategy.catalogue import names
from strategy.model.strategy import Strategy

KEY = "arn:aws:kms:ap-southeast-2:345678901234:key/1234abcd-12ab-34cd-56ef-1234567890ab"


class Deployment:
    """Records the commands; the recovery region's stack says what it would say when they have run."""

    def __init__(self, outputs: dict[str, str], *, unreleased: tuple[str, ...] = ()) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.said: list[str] = []
        self.replicates_to = ""
        self._outputs = outputs
        self._unreleased = unreleased

    def cdk(self, *command: str) -> None:
        self.commands.append(command)

    def client(self, service: str, region: str) -> Any:
        if service == "ssm":
            assert region == "ap-southeast-1"
            return self
        assert service == "cloudformation"
        self.commands.append(("asked", region))
        self.replicates_to = "" if region == "ap-southeast-2" else "ap-southeast-2"
        return self

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803  AWS's spelling
        return {"InvalidParameters": [name for name in Names if name.split("/")[3] in self._unreleased]}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803  AWS's spelling
        assert StackName.endswith("-backup")
        parameters = [{"ParameterKey": names.REPLICATES_TO, "ParameterValue": self.replicates_to}]
        return {
            "Stacks": [
                {
                    "Parameters": parameters,
                    "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self._outputs.items()],
                }
            ]
        }


@pytest.fixture(autouse=True)
def founded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is missing: nothing, unless a test says so. How that is found out has a test of its own."""
    found: list[str] = []
    monkeypatch.setattr(foundations, "missing", lambda *_: iter(found))
    monkeypatch.setattr(foundations, "stuck", lambda *_: iter(()))
    return found


@pytest.fixture
def prod() -> Strategy:
    return load("prod")


def test_without_replicated_backups_one_command_does() -> None:
    deployment = Deployment({})
    deploy(load("dev"), cdk=deployment.cdk, client=deployment.client, say=deployment.said.append)
    assert deployment.commands[1] == ("--all",)


def test_the_recovery_regions_buckets_replicate_home_once_those_of_the_primary_are_there() -> None:
    deployment = Deployment({})
    deploy(load("dev"), cdk=deployment.cdk, client=deployment.client, say=deployment.said.append)
    to = f"{names.REPLICATES_TO}=ap-southeast-1"
    assert deployment.commands[2:] == [
        ("asked", "ap-southeast-2"),
        ("banking-buddy-dev-backup-ap-southeast-2", "--exclusively", "--parameters", to),
        ("asked", "ap-southeast-1"),  # which replicates already
    ]


@pytest.mark.proves("recovery-region.activation")
def test_the_primary_alone_is_activated() -> None:
    deployment = Deployment({})
    deploy(load("dev"), cdk=deployment.cdk, client=deployment.client, say=deployment.said.append)
    assert deployment.commands[0] == (
        "banking-buddy-dev-standby-ap-southeast-1",
        "--exclusively",
        "--parameters",
        "Activated=true",
    )
    assert deployment.said == []


def test_without_a_release_of_every_service_the_primary_waits_and_says_so() -> None:
    deployment = Deployment({}, unreleased=("client",))
    deploy(load("dev"), cdk=deployment.cdk, client=deployment.client, say=deployment.said.append)
    assert deployment.commands[0] == ("--all",)
    (said,) = deployment.said
    assert "banking-buddy-dev-standby in ap-southeast-1 is not activated: no release of client yet" in said
    assert "python -m deployment.release" in said


def test_the_primary_is_told_the_key_of_the_recovery_region(prod: Strategy) -> None:
    deployment = Deployment({"Other": "value", names.REPLICATED_BACKUPS_KEY: KEY})
    deploy(prod, cdk=deployment.cdk, client=deployment.client)
    _activated, first, asked, told, rest, *_ = deployment.commands
    assert first[0] == "banking-buddy-prod-backup-ap-southeast-2"
    assert "banking-buddy-prod-backup-ap-southeast-1" not in first
    assert asked == ("asked", "ap-southeast-2")
    assert told == (
        "banking-buddy-prod-backup-ap-southeast-1",
        "--exclusively",
        "--parameters",
        f"{names.REPLICATED_BACKUPS_KEY}={KEY}",
    )
    assert rest == ("--all",)


def test_a_recovery_region_that_says_no_key_stops_it(prod: Strategy) -> None:
    deployment = Deployment({})
    with pytest.raises(DeploymentError, match="banking-buddy-prod-backup in ap-southeast-2 says no ReplicatedBackupsKeyArn"):
        deploy(prod, cdk=deployment.cdk, client=deployment.client)
    assert not [command for command in deployment.commands if "ReplicatedBackupsKeyArn" in str(command)]


def test_nothing_is_deployed_while_something_is_missing(prod: Strategy, founded: list[str]) -> None:
    deployment = Deployment({names.REPLICATED_BACKUPS_KEY: KEY})
    founded.append("dns.zone: the account has no hosted zone banking-buddy.example.; there must be one")
    with pytest.raises(DeploymentError, match=r"nothing was deployed\. dns\.zone: the account has no hosted zone"):
        deploy(prod, cdk=deployment.cdk, client=deployment.client)
    assert deployment.commands == []

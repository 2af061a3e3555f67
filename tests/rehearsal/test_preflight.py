"""`python -m recovery preflight` against the embedded AWS: an empty region is red, and turns green as it is made ready."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import ROLE, THERE
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from rehearsal.scenarios.people import Duty
from strategy import load
from strategy.catalogue import names
from tests.people import sign_in_as

STRATEGY = load("dev")
PREFIX = STRATEGY.prefix
STATES = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


@pytest.fixture
def cloud(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("preflight") / "cloud") as cloud:
        sign_in_as(Duty.VIEWER, cloud, monkeypatch, STRATEGY)
        yield cloud


def states(capsys: pytest.CaptureFixture[str], cloud: Cloud) -> dict[tuple[str, str], str]:
    """By check and what it is about."""
    code = main(["preflight", "--env", "dev", "--json", "--now", cloud.clock.now().isoformat()])
    assert code == ExitCode.NOT_KEPT
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {(line["check"], line["what"]): line["state"] for line in found["lines"]}


def prepare(cloud: Cloud) -> None:
    """What the stacks make in the recovery region, but for the data."""
    kms = cloud.client("kms", THERE)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    for purpose in ("copies", "replicated-backups"):
        kms.create_alias(AliasName=names.key_alias(PREFIX, purpose), TargetKeyId=key)
    subnets = [each["SubnetId"] for each in cloud.client("ec2", THERE).describe_subnets()["Subnets"]]
    rds, group = cloud.client("rds", THERE), names.parameter_group(PREFIX)
    rds.create_db_subnet_group(DBSubnetGroupName=names.subnet_group(PREFIX), DBSubnetGroupDescription="-", SubnetIds=subnets)
    rds.create_db_parameter_group(DBParameterGroupName=group, DBParameterGroupFamily="mysql8.0", Description="-")
    machine = names.state_machine(PREFIX, "recover-region")
    states = cloud.client("stepfunctions", THERE)
    states.create_state_machine(name=machine, definition=json.dumps(STATES), roleArn=ROLE)
    version = "/cdk-bootstrap/hnb659fds/version"
    cloud.client("ssm", THERE).put_parameter(Name=version, Value="28", Type="String")


def test_an_empty_region_is_red_and_what_is_made_turns_green(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    before = states(capsys, cloud)
    expected = [
        ("copies", "mysql"),
        ("keys", names.key_alias(PREFIX, "copies")),
        ("workflow", names.state_machine(PREFIX, "recover-region")),
        ("groups", "subnet group"),
        ("secrets", names.database_secret(PREFIX, "mysql")),
        ("buckets", names.evidence_bucket(PREFIX, THERE, ACCOUNT)),
        ("bootstrap", "CDK bootstrap stack"),
    ]
    assert [before[each] for each in expected] == ["red"] * len(expected)
    assert [before["quotas", what] for what in ("DB instances", "Elastic IP addresses")] == ["green", "green"]
    calls = {region for caller, region, *_ in cloud.gateway.callers if caller == Duty.VIEWER}
    assert calls == {THERE}
    prepare(cloud)
    after = states(capsys, cloud)
    made = [each for each in expected if each[0] in {"keys", "workflow", "groups", "bootstrap"}]
    assert [after[each] for each in made] == ["green"] * len(made)
    assert after["copies", "mysql"] == "red"


def test_a_quota_without_room_is_red(cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "database_quota", 0)
    ec2 = cloud.client("ec2", THERE)
    for _ in range(5):
        ec2.allocate_address(Domain="vpc")
    found = states(capsys, cloud)
    assert [found["quotas", what] for what in ("DB instances", "Elastic IP addresses")] == ["red", "red"]

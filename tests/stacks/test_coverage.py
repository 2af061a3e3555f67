"""Nothing with state is forgotten: planted resources are noticed, excuses end, and every type AWS has was looked at once."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from components.coverage import gaps
from components.stateful import ADDED, KEPT_OTHERWISE, MARKED_BY_AWS, STATEFUL
from tests.stacks.assembly import Assembly

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
SPECIFICATION = ROOT / "node_modules" / "aws-cdk" / "db.json.gz"
"""AWS's resource specification, as the pinned CDK command line carries it."""
REVIEWED = Path(__file__).with_name("reviewed_types.txt")
FORGOTTEN = (
    "AWS::CloudFormation::Stack",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Timestream::Table",
)


@pytest.fixture(scope="module")
def specification() -> dict[str, bool]:
    """Every type → whether AWS marks it as stateful."""
    with gzip.open(SPECIFICATION) as file:
        entities = json.load(file)["schema"]["resource"]["entities"]
    return {each["cloudFormationType"]: bool(each.get("isStateful")) for each in entities}


@pytest.fixture
def planted(assembly: Assembly, tmp_path: Path) -> Assembly:
    """A copy of dev's assembly that a test may change."""
    directory = Path(shutil.copytree(assembly.directory, tmp_path / "assembly"))
    return Assembly(directory, assembly.strategy)


def change(assembly: Assembly, kind: str, region: str, resources: dict[str, Any]) -> None:
    """Put resources into one stack's template; None takes one away."""
    stack = f"{assembly.strategy.prefix}-{kind}-{region}.template.json"
    template = json.loads((assembly.directory / stack).read_text())
    template["Resources"] |= resources
    template["Resources"] = {name: each for name, each in template["Resources"].items() if each is not None}
    (assembly.directory / stack).write_text(json.dumps(template))


def test_every_environment_is_covered(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        assert gaps(assembly.directory, assembly.strategy, TODAY) == []


@pytest.mark.proves("stores.coverage")
@pytest.mark.parametrize("type_", FORGOTTEN)
def test_a_forgotten_resource_is_named_with_what_to_add(planted: Assembly, primary: str, type_: str) -> None:
    change(planted, "backup", primary, {"Forgotten": {"Type": type_}})
    (gap,) = gaps(planted.directory, planted.strategy, TODAY)
    assert type_ in gap
    assert "Forgotten" in gap
    assert "[[exclusions]]" in gap


def test_a_second_database_is_not_covered_by_the_first(planted: Assembly, primary: str) -> None:
    second = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceIdentifier": "another"}}
    change(planted, "backup", primary, {"Second": second})
    (gap,) = gaps(planted.directory, planted.strategy, TODAY)
    assert "AWS::RDS::DBInstance" in gap


def test_a_read_replica_is_covered_by_its_source_alone(planted: Assembly, primary: str) -> None:
    arn = f"arn:aws:rds:{primary}:{planted.strategy.account}:db:"
    for source, covered in ((f"{arn}{planted.strategy.prefix}-mysql", True), (f"{arn}another", False)):
        properties = {"DBInstanceIdentifier": "replica", "SourceDBInstanceIdentifier": source}
        change(planted, "backup", primary, {"Replica": {"Type": "AWS::RDS::DBInstance", "Properties": properties}})
        assert (gaps(planted.directory, planted.strategy, TODAY) == []) is covered


@pytest.mark.parametrize(
    ("type_", "change_to", "days"),
    [
        ("AWS::RDS::DBInstance", {"BackupRetentionPeriod": 0}, 7),
        ("AWS::RDS::DBInstance", {"BackupRetentionPeriod": 6}, 7),
        ("AWS::DynamoDB::GlobalTable", {"Replicas": [{"Region": "ap-southeast-1"}]}, 35),
    ],
)
def test_point_in_time_recovery_goes_back_as_far_as_promised(
    planted: Assembly, primary: str, type_: str, change_to: dict[str, Any], days: int
) -> None:
    ((where, resource),) = planted.resources(type_, region=primary, kind="backup")
    resource["Properties"] |= change_to
    change(planted, "backup", primary, {where.split("/")[-1]: resource})
    (gap,) = gaps(planted.directory, planted.strategy, TODAY)
    assert type_ in gap
    assert f"promises {days}" in gap


def test_a_stage_is_looked_into(planted: Assembly, tmp_path: Path, primary: str) -> None:
    change(planted, "backup", primary, {"Forgotten": {"Type": "AWS::SQS::Queue"}})
    artifact = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"stage": artifact}}))
    (gap,) = gaps(tmp_path, planted.strategy, TODAY)
    assert "AWS::SQS::Queue" in gap


def test_an_exclusion_holds_for_its_paths_only(planted: Assembly, primary: str) -> None:
    """The strategy excuses EC2 instances whose path names the SFTP host, and no other."""
    change(planted, "backup", primary, {"SftpHost": {"Type": "AWS::EC2::Instance"}, "Other": {"Type": "AWS::EC2::Instance"}})
    (gap,) = gaps(planted.directory, planted.strategy, TODAY)
    assert "Other" in gap


@pytest.mark.proves("stores.coverage")
def test_an_exclusion_ends_with_its_review_date(assembly: Assembly) -> None:
    reviews = [each.review for each in assembly.strategy.exclusions if "AWS::S3::Bucket" in each.types]
    assert gaps(assembly.directory, assembly.strategy, max(reviews)) == []
    late = gaps(assembly.directory, assembly.strategy, max(reviews) + timedelta(days=1))
    assert late
    excused = ("AWS::S3::Bucket", "/Plans", "/Workload/")
    assert all(any(each in gap for each in excused) for gap in late)


def test_a_selection_that_forgets_the_table_is_refused(planted: Assembly, primary: str) -> None:
    name, selection = next(planted.resources("AWS::Backup::BackupSelection", region=primary))
    kept = [arn for arn in selection["Properties"]["BackupSelection"]["Resources"] if ":dynamodb:" not in arn]
    selection["Properties"]["BackupSelection"]["Resources"] = kept
    change(planted, "backup", primary, {name.split("/")[-1]: selection})
    found = gaps(planted.directory, planted.strategy, TODAY)
    assert any("AWS::DynamoDB::GlobalTable" in gap for gap in found)
    assert any("'audit-logs' is not in the backup selection" in gap for gap in found)


def test_the_audit_table_is_a_global_table_and_is_selected(assembly: Assembly, primary: str) -> None:
    (table,) = (each for _, each in assembly.resources("AWS::DynamoDB::GlobalTable", region=primary, kind="backup"))
    _, selection = next(assembly.resources("AWS::Backup::BackupSelection", region=primary))
    assert any(
        arn.endswith(f":table/{table['Properties']['TableName']}")
        for arn in selection["Properties"]["BackupSelection"]["Resources"]
    )
    assert list(assembly.resources("AWS::DynamoDB::Table")) == []


def test_what_aws_marks_as_stateful_is_protected_or_explained(specification: dict[str, bool]) -> None:
    assert {name for name, stateful in specification.items() if stateful} == MARKED_BY_AWS | KEPT_OTHERWISE.keys()


def test_what_was_added_exists_and_is_not_marked_already(specification: dict[str, bool]) -> None:
    assert specification.keys() >= ADDED
    assert not {name for name in ADDED if specification[name]}
    assert not STATEFUL & KEPT_OTHERWISE.keys()


def test_every_type_in_use_was_looked_at(environments: dict[str, Assembly]) -> None:
    """Types that the specification does not have, as those of third parties, are used by nobody unseen."""
    used = {each["Type"] for assembly in environments.values() for _, each in assembly.resources()}
    reviewed = set(REVIEWED.read_text().split())
    assert sorted(each for each in used - reviewed if not each.startswith("Custom::")) == []


@pytest.mark.proves("stores.coverage")
def test_every_type_was_looked_at(specification: dict[str, bool]) -> None:
    """Fails on an upgrade that brings new types: put those with data into components/stateful.py, then add all here."""
    reviewed = set(REVIEWED.read_text().split())
    assert sorted(specification.keys() - reviewed) == []
    assert sorted(reviewed - specification.keys()) == []

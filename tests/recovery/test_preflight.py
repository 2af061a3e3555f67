"""The pre-flight finds what is planted, says what was seen beside what is promised, and which command fixes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from recovery.cli import preflight
from recovery.cli.exit_codes import ExitCode
from recovery.evidence import bucket
from recovery.handlers import preflight as function
from recovery.preflight.data import allowed
from recovery.preflight.line import State
from recovery.preflight.metric import embedded
from recovery.preflight.run import CHECKS, Preflight, run
from strategy import load
from strategy.contracts.preflight import AgeLimit, PreflightRequest
from strategy.contracts.requests.preflight import request_for
from tests.recovery.answers import Answer, Region

PROD = load("prod")
HERE, THERE = PROD.regions.recovery, PROD.regions.primary
WANTED = request_for(PROD, HERE)
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANCE = f"arn:aws:rds:{THERE}:{PROD.account}:db:banking-buddy-prod-mysql"
TABLE = f"arn:aws:dynamodb:{THERE}:{PROD.account}:table/banking-buddy-prod-audit-logs"
KEY = f"arn:aws:kms:{HERE}:{PROD.account}:key/1"
Answers = dict[tuple[str, str], Answer]


def points(*, age: timedelta = 4 * HOUR, kinds: tuple[str, ...] = ("RDS", "DynamoDB"), **changes: Any) -> Answer:
    arns = {"RDS": INSTANCE, "DynamoDB": TABLE}

    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        made = [
            {
                "RecoveryPointArn": f"arn:aws:backup:{HERE}:{PROD.account}:recovery-point:{kind}",
                "ResourceArn": arns[kind],
                "ResourceType": kind,
                "Status": "COMPLETED",
                "CreationDate": NOW - age,
                "EncryptionKeyArn": KEY,
                **changes,
            }
            for kind in kinds
        ]
        return {
            "RecoveryPoints": [each for each in made if asked.get("ByResourceArn", each["ResourceArn"]) == each["ResourceArn"]]
        }

    return answer


def unsigned(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"Contents": manifests(asked)["Contents"][:1]}


def manifests(asked: Mapping[str, Any], age: timedelta = 4 * HOUR) -> dict[str, Any]:
    key = bucket.manifest_key(asked["Prefix"].split("/")[1], NOW - age)
    return {"Contents": [{"Key": key}, {"Key": bucket.signature_key(key)}]}


def automated(*, behind: timedelta = HOUR / 4, status: str = "replicating") -> Answer:
    window = {"EarliestTime": NOW - 7 * DAY, "LatestTime": NOW - behind}
    found = {"DBInstanceArn": INSTANCE, "Status": status, "RestoreWindow": window, "BackupRetentionPeriod": 7}
    return {"DBInstanceAutomatedBackups": [found]}


def key(state: str = "Enabled") -> Answer:
    return {"KeyMetadata": {"KeyId": "1", "Arn": KEY, "KeyState": state}}


def secret(**changes: Any) -> Answer:
    return {"PrimaryRegion": THERE, "VersionIdsToStages": {"1": ["AWSCURRENT"]}} | changes


STACK = "64bit Amazon Linux 2023 v4.9.0 running Corretto 21"
CERTIFICATE = {"Status": "ISSUED", "DomainName": "api.banking-buddy.example", "NotAfter": NOW + 90 * DAY}
NAMES = ["*.api.banking-buddy.example"]
THROWN = json.dumps({"serving": THERE, "since": "2026-11-01T00:00:00+00:00", "plan_id": "r1a2b3c4d", "by": "somebody"})


def parameters(**changed: str | None) -> Answer:
    """By the end of the name: `bootstrap`, `switch`, `version`, `platform`; None is not there."""
    values = {"bootstrap": "28", "switch": THROWN, "version": "release-7", "platform": STACK} | changed

    def answer(asked: Mapping[str, Any]) -> Any:
        name = asked["Name"]
        value = values["bootstrap" if "cdk-bootstrap" in name else name.rpartition("/")[2]]
        return "ParameterNotFound" if value is None else {"Parameter": {"Value": value}}

    return answer


def version(**changed: Any) -> Answer:
    bundle = {"S3Bucket": "bundles", "S3Key": "bundles/user/7.zip"}
    return {"ApplicationVersions": [{"VersionLabel": "release-7", "Status": "PROCESSED", "SourceBundle": bundle, **changed}]}


def healthy() -> Answers:
    """A region that could take over."""
    rules = [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::there"}}]
    return {
        ("acm", "DescribeCertificate"): {"Certificate": CERTIFICATE | {"SubjectAlternativeNames": NAMES}},
        ("backup", "DescribeRegionSettings"): {"ResourceTypeOptInPreference": {"RDS": True, "DynamoDB": True, "EFS": False}},
        ("backup", "ListRecoveryPointsByBackupVault"): points(),
        ("dynamodb", "DescribeTable"): {"Table": {"TableStatus": "ACTIVE"}},
        ("ec2", "DescribeAddresses"): {"Addresses": [{}]},
        ("elasticbeanstalk", "DescribeApplicationVersions"): version(),
        ("elasticbeanstalk", "ListAvailableSolutionStacks"): {"SolutionStacks": [STACK]},
        ("kms", "DescribeKey"): key(),
        ("rds", "DescribeDBInstanceAutomatedBackups"): automated(),
        ("rds", "DescribeDBInstances"): lambda asked: "DBInstanceNotFound" if asked else {"DBInstances": [{}]},
        ("rds", "DescribeDBParameterGroups"): {"DBParameterGroups": [{}]},
        ("rds", "DescribeDBSubnetGroups"): {"DBSubnetGroups": [{}]},
        ("rds", "DescribeOrderableDBInstanceOptions"): {"OrderableDBInstanceOptions": [{"EngineVersion": "8.0.42"}]},
        ("s3", "GetBucketReplication"): {"ReplicationConfiguration": {"Rules": rules}},
        ("s3", "GetBucketVersioning"): {"Status": "Enabled"},
        ("s3", "HeadObject"): {},
        ("s3", "ListObjectsV2"): manifests,
        ("s3", "PutObject"): {},
        ("secretsmanager", "DescribeSecret"): secret(),
        ("service-quotas", "GetServiceQuota"): {"Quota": {"Value": 5.0}},
        ("ssm", "GetParameter"): parameters(),
        ("stepfunctions", "DescribeStateMachine"): {"status": "ACTIVE"},
    }


def flown(planted: Answers | None = None, asked: PreflightRequest = WANTED) -> tuple[Preflight, Region]:
    region = Region(HERE, healthy() | (planted or {}))
    return run(asked, region.client, NOW), region


def test_a_region_that_could_take_over_is_green_all_through() -> None:
    found, region = flown()
    assert [line for line in found.lines if line.state is not State.GREEN] == []
    assert found.ready
    assert len({line.check for line in found.lines}) == len(CHECKS)
    assert all(line.seen and line.promised and not line.mend for line in found.lines)
    assert region.asked


def test_home_has_the_secrets_themselves_and_not_their_replicas() -> None:
    """Whichever role it has: after a swap, the recovery region is home."""
    replicated = secret(PrimaryRegion=HERE, ReplicationStatus=[{"Region": THERE, "Status": "InSync"}])
    found, _ = flown({("secretsmanager", "DescribeSecret"): replicated}, replace(WANTED, home=True))
    assert [line for line in found.of(State.RED) if line.check == "secrets"] == []
    alone, _ = flown({("secretsmanager", "DescribeSecret"): secret(PrimaryRegion=None)}, replace(WANTED, home=True))
    seen = {line.seen for line in alone.of(State.RED) if line.check == "secrets"}
    assert seen == {"no other region has a replica of it"}


RELEASES: list[tuple[str, str, Answers, str]] = [
    ("no release", "version", {("ssm", "GetParameter"): parameters(version=None)}, "no release has reached"),
    ("no platform", "platform", {("ssm", "GetParameter"): parameters(platform=None)}, "no release has said its platform"),
    (
        "a platform that is retired",
        "platform",
        {("elasticbeanstalk", "ListAvailableSolutionStacks"): {"SolutionStacks": ["64bit Amazon Linux 2027"]}},
        "is not offered here any more",
    ),
    (
        "no application version",
        "version",
        {("elasticbeanstalk", "DescribeApplicationVersions"): {"ApplicationVersions": []}},
        "there is no application version release-7",
    ),
    (
        "a version that failed",
        "version",
        {("elasticbeanstalk", "DescribeApplicationVersions"): version(Status="FAILED")},
        "release-7 is FAILED",
    ),
    ("no bundle", "version", {("s3", "HeadObject"): "404"}, "the bundle of release-7 is not in this region"),
]
CERTIFICATES: list[tuple[str, Answers, str]] = [
    ("no certificate", {("acm", "DescribeCertificate"): "ResourceNotFoundException"}, "there is no certificate"),
    (
        "a certificate that waits",
        {("acm", "DescribeCertificate"): {"Certificate": {"Status": "PENDING_VALIDATION"}}},
        "PENDING_VALIDATION",
    ),
    (
        "a certificate of the name alone",
        {("acm", "DescribeCertificate"): {"Certificate": CERTIFICATE}},
        "does not cover *.api.banking-buddy.example",
    ),
    (
        "a certificate about to end",
        {
            ("acm", "DescribeCertificate"): {
                "Certificate": CERTIFICATE | {"SubjectAlternativeNames": NAMES, "NotAfter": NOW + 3 * DAY}
            }
        },
        "it ends 2026-11-26",
    ),
]
GAPS: list[tuple[str, Answers, str, str, str, str]] = [
    (
        "no copy of the database",
        {("backup", "ListRecoveryPointsByBackupVault"): points(kinds=("DynamoDB",))},
        "copies",
        "mysql",
        "the vault has none of it",
        "recovery status",
    ),
    (
        "old copies",
        {
            ("backup", "ListRecoveryPointsByBackupVault"): points(age=40 * HOUR),
            ("s3", "ListObjectsV2"): lambda _: manifests({"Prefix": "manifests/mysql/"}, age=40 * HOUR),
        },
        "copies",
        "mysql",
        "the newest data is 40h old",
        "recovery status",
    ),
    (
        "a copy whose backup failed",
        {("backup", "ListRecoveryPointsByBackupVault"): points(Status="PARTIAL")},
        "copies",
        "mysql",
        "none of 1 is usable",
        "recovery status",
    ),
    ("no manifest", {("s3", "ListObjectsV2"): {}}, "copies", "mysql", "has no signed manifest", "recovery status"),
    ("no signature", {("s3", "ListObjectsV2"): unsigned}, "copies", "mysql", "has no signed manifest", "recovery status"),
    (
        "no vault",
        {("backup", "ListRecoveryPointsByBackupVault"): "ResourceNotFoundException"},
        "copies",
        "audit-logs",
        "the vault has none of it",
        "recovery status",
    ),
    (
        "replication of backups that stopped",
        {("rds", "DescribeDBInstanceAutomatedBackups"): automated(status="retained")},
        "replicated backups",
        "mysql",
        "it is written no longer",
        "aws rds start-db-instance-automated-backups-replication",
    ),
    (
        "replicated backups that lag",
        {("rds", "DescribeDBInstanceAutomatedBackups"): automated(behind=20 * HOUR)},
        "replicated backups",
        "mysql",
        "the newest data is 20h old",
        "aws rds start-db-instance-automated-backups-replication",
    ),
    (
        "no replicated backups",
        {("rds", "DescribeDBInstanceAutomatedBackups"): {"DBInstanceAutomatedBackups": []}},
        "replicated backups",
        "mysql",
        "there are no automated backups",
        "make deploy ENV=prod",
    ),
    (
        "a replica of the table that is gone",
        {("dynamodb", "DescribeTable"): "ResourceNotFoundException"},
        "replicas",
        "banking-buddy-prod-audit-logs",
        "there is no replica",
        "make deploy ENV=prod",
    ),
    (
        "a disabled key",
        {("kms", "DescribeKey"): lambda asked: key("Disabled" if "copies" in asked["KeyId"] else "Enabled")},  # type: ignore[dict-item,return-value]
        "keys",
        "alias/banking-buddy-prod-copies",
        "Disabled",
        f"aws kms enable-key --key-id {KEY} --region {HERE}",
    ),
    (
        "a key about to be deleted",
        {("kms", "DescribeKey"): key("PendingDeletion")},
        "keys",
        "alias/banking-buddy-prod-replicated-backups",
        "PendingDeletion",
        "aws kms cancel-key-deletion",
    ),
    (
        "no key",
        {("kms", "DescribeKey"): "NotFoundException"},
        "keys",
        "alias/banking-buddy-prod-copies",
        "there is no such key",
        "make deploy",
    ),
    (
        "no workflow",
        {("stepfunctions", "DescribeStateMachine"): "StateMachineDoesNotExist"},
        "workflow",
        "banking-buddy-prod-recover-region",
        "there is no state machine",
        "make deploy",
    ),
    (
        "no subnet group",
        {("rds", "DescribeDBSubnetGroups"): "DBSubnetGroupNotFoundFault"},
        "groups",
        "subnet group",
        "there is no subnet group banking-buddy-prod-database",
        "make deploy",
    ),
    (
        "no parameter group",
        {("rds", "DescribeDBParameterGroups"): "DBParameterGroupNotFound"},
        "groups",
        "parameter group",
        "there is no parameter group banking-buddy-prod-mysql",
        "make deploy",
    ),
    (
        "an engine that is offered no more",
        {("rds", "DescribeOrderableDBInstanceOptions"): {"OrderableDBInstanceOptions": [{"EngineVersion": "8.4.5"}]}},
        "engines",
        "MySQL 8.0 on db.m7g.large",
        "RDS does not offer it in this region",
        "upgrade the instance",
    ),
    (
        "no secret",
        {("secretsmanager", "DescribeSecret"): "ResourceNotFoundException"},
        "secrets",
        "banking-buddy-prod/mysql/master",
        "there is no secret",
        "aws secretsmanager replicate-secret-to-regions --secret-id banking-buddy-prod/mysql/master",
    ),
    (
        "a secret that is being deleted",
        {("secretsmanager", "DescribeSecret"): secret(DeletedDate=NOW)},
        "secrets",
        "banking-buddy-prod/mysql/ai",
        "is being deleted",
        "replicate-secret-to-regions",
    ),
    (
        "a secret cut off from its primary",
        {("secretsmanager", "DescribeSecret"): {"VersionIdsToStages": {"1": ["AWSCURRENT"]}}},
        "secrets",
        "banking-buddy-prod/mysql/user",
        "it is not a replica",
        "replicate-secret-to-regions",
    ),
    (
        "a secret without a current version",
        {("secretsmanager", "DescribeSecret"): secret(VersionIdsToStages={"1": ["AWSPENDING"]})},
        "secrets",
        "banking-buddy-prod/mysql/user",
        "it has no current version",
        "replicate-secret-to-regions",
    ),
    (
        "a name that is taken",
        {("rds", "DescribeDBInstances"): {"DBInstances": [{}]}},
        "names",
        "banking-buddy-prod-mysql",
        "it is taken here",
        "swap the regions",
    ),
    (
        "a bucket that does not replicate",
        {("s3", "GetBucketReplication"): "ReplicationConfigurationNotFoundError"},
        "buckets",
        f"banking-buddy-prod-evidence-{PROD.account}-{HERE}",
        "it replicates nothing",
        "make deploy",
    ),
    (
        "a bucket whose replication is off",
        {("s3", "GetBucketReplication"): {"ReplicationConfiguration": {"Rules": [{"Status": "Disabled"}]}}},
        "buckets",
        f"banking-buddy-prod-shared-{PROD.account}-{HERE}",
        "all of its replication rules are off",
        "make deploy",
    ),
    (
        "a bucket without versions",
        {("s3", "GetBucketVersioning"): {}},
        "buckets",
        f"banking-buddy-prod-shared-{PROD.account}-{HERE}",
        "it is not versioned",
        "make deploy",
    ),
    (
        "a type that is opted out",
        {("backup", "DescribeRegionSettings"): {"ResourceTypeOptInPreference": {"RDS": False, "DynamoDB": True}}},
        "opt-ins",
        "AWS Backup: RDS",
        "opted out",
        f"aws backup update-region-settings --resource-type-opt-in-preference RDS=true --region {HERE}",
    ),
    (
        "no room for addresses",
        {("ec2", "DescribeAddresses"): {"Addresses": [{}] * 4}},
        "quotas",
        "Elastic IP addresses",
        "4 of 5 used",
        "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 6",
    ),
    (
        "no room for a database, by AWS's default",
        {
            ("service-quotas", "GetServiceQuota"): "NoSuchResourceException",
            ("service-quotas", "GetAWSDefaultServiceQuota"): {"Quota": {"Value": 1.0}},
        },
        "quotas",
        "DB instances",
        "1 of 1 used",
        "--quota-code L-7B6409FD --desired-value 2",
    ),
    (
        "an old bootstrap",
        {("ssm", "GetParameter"): parameters(bootstrap="5")},
        "bootstrap",
        "CDK bootstrap stack",
        "version 5",
        f"cdk bootstrap aws://{PROD.account}/{HERE}",
    ),
    (
        "no bootstrap",
        {("ssm", "GetParameter"): parameters(bootstrap=None)},
        "bootstrap",
        "CDK bootstrap stack",
        "the region is not bootstrapped",
        "cdk bootstrap",
    ),
    *(
        (name, planted, "releases", f"user: {part}", seen, "python -m deployment.release prod user --version")
        for name, part, planted, seen in RELEASES
    ),
    *(
        (name, planted, "certificates", "api.banking-buddy.example", seen, "aws acm describe-certificate --certificate-arn arn:")
        for name, planted, seen in CERTIFICATES
    ),
    (
        "a switch that nobody can read",
        {("ssm", "GetParameter"): parameters(switch="on")},
        "switch",
        "/banking-buddy-prod/cutover/switch",
        "the switch holds no record",
        "aws ssm get-parameter-history",
    ),
]


@pytest.mark.proves("region-loss.preflight")
@pytest.mark.parametrize(("planted", "check", "what", "seen", "mend"), [gap[1:] for gap in GAPS], ids=[gap[0] for gap in GAPS])
def test_a_planted_gap_is_found(planted: Answers, check: str, what: str, seen: str, mend: str) -> None:
    found, _ = flown(planted)
    assert not found.ready
    lines = [line for line in found.of(State.RED) if (line.check, line.what) == (check, what)]
    assert len(lines) == 1, found.of(State.RED)
    assert seen in lines[0].seen
    assert mend in lines[0].mend
    assert lines[0].promised
    # Nothing else turns red; but a key that is gone takes the copies with it.
    assert {line.check for line in found.of(State.RED)} - {check} <= ({"copies"} if check == "keys" else set())


@pytest.mark.proves("region-loss.preflight")
def test_there_is_a_gap_for_every_check() -> None:
    assert {gap[2] for gap in GAPS} == {line.check for line in flown()[0].lines}


@pytest.mark.proves("region-loss.preflight")
@pytest.mark.parametrize("operation", sorted(set(healthy()) - {("s3", "PutObject")}))
def test_what_is_refused_is_not_checked_and_never_green(operation: tuple[str, str]) -> None:
    found, _ = flown({operation: "AccessDeniedException"})
    assert not found.ready
    assert found.of(State.NOT_CHECKED)
    assert found.of(State.RED) == ()
    assert all(line.mend for line in found.of(State.NOT_CHECKED))


def test_a_switch_that_was_never_thrown_is_readable() -> None:
    found, _ = flown({("ssm", "GetParameter"): parameters(switch=None)})
    assert found.ready


def test_an_empty_answer_is_not_ready() -> None:
    assert not Preflight("prod", HERE, NOW, ()).ready


def test_what_is_accepted_is_accepted_until_its_day() -> None:
    limits = AgeLimit(limit_seconds=15 * 3600, until="2027-06-30", later_seconds=12 * 3600)
    assert allowed(limits, datetime(2027, 6, 30, 23, tzinfo=UTC)) == 15 * HOUR
    assert allowed(limits, datetime(2027, 7, 1, tzinfo=UTC)) == 12 * HOUR


def test_the_questions_name_no_other_region_and_fit_into_an_event() -> None:
    for environment in ("dev", "staging", "prod"):
        strategy = load(environment)
        asked = json.dumps(request_for(strategy, strategy.regions.recovery).to_json())
        assert strategy.regions.primary not in asked
        assert len(asked) < 8192


def test_an_accepted_breach_is_asked_with_its_last_day() -> None:
    dev = load("dev")
    mysql = next(store for store in request_for(dev, dev.regions.recovery).stores if store.name == "mysql")
    breach = next(each for each in dev.accepted_breaches if (each.store, each.scenario) == ("mysql", "region_loss"))
    assert mysql.copies.limit_seconds == breach.up_to.total_seconds()
    assert mysql.copies.later_seconds == 12 * 3600
    assert date.fromisoformat(mysql.copies.until) == breach.until


@pytest.mark.proves("region-loss.preflight")
def test_the_function_writes_a_record_and_a_metric(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    region = Region(HERE, healthy() | {("ssm", "GetParameter"): parameters(bootstrap=None), ("s3", "ListObjectsV2"): {}})
    monkeypatch.setattr(function, "client", region.client)
    monkeypatch.setattr(function, "datetime", SimpleNamespace(now=lambda _: NOW))
    answer = function.handler(WANTED.to_json(), None)
    assert (answer["ready"], answer["not_checked"]) == (False, 0)
    assert answer["red"] == 3  # the bootstrap, and a manifest of each store
    (written,) = region.written
    assert written["Key"] == answer["record"]
    assert written["Key"].startswith("preflights/")
    record = json.loads(written["Body"].read())
    assert (record["ready"], record["red"]) == (False, 3)
    log = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("red: ") for line in log) == 3
    (metric,) = [json.loads(line) for line in log if line.startswith("{")]
    (directive,) = metric["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "banking-buddy-prod/preflight"
    assert all(metric[each["Name"]] == count for each, count in zip(directive["Metrics"], (3, 0), strict=True))


def test_the_metric_is_dated_and_has_the_region() -> None:
    metric = json.loads(embedded(flown()[0], "bank"))
    assert metric["_aws"]["Timestamp"] == NOW.timestamp() * 1000
    assert (metric["Region"], metric["PreflightRed"], metric["PreflightNotChecked"]) == (HERE, 0, 0)


@pytest.mark.parametrize(
    ("planted", "code", "said"),
    [
        ({}, ExitCode.DONE, f"Ready: {HERE} could take over tonight."),
        ({("ssm", "GetParameter"): parameters(bootstrap=None)}, ExitCode.NOT_KEPT, "NOT READY: 1 to be fixed above."),
        ({("kms", "DescribeKey"): "AccessDeniedException"}, ExitCode.AWS_TROUBLE, "Not known: "),
    ],
)
def test_the_command_ends_as_it_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], planted: Answers, code: ExitCode, said: str
) -> None:
    identity: Answers = {("sts", "GetCallerIdentity"): {"Account": PROD.account, "Arn": "arn:aws:iam::1:user/a"}}
    region = Region(HERE, healthy() | identity | planted)
    monkeypatch.setattr(preflight, "Region", lambda name: region if name == HERE else None)
    from recovery.__main__ import main

    assert main(["preflight", "--now", NOW.isoformat()]) == code
    shown = capsys.readouterr().out
    assert said in shown
    if code is ExitCode.NOT_KEPT:
        assert f"  cdk bootstrap aws://{PROD.account}/{HERE}" in shown.splitlines()

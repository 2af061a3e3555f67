"""`python -m recovery assess` and `init` against an account that somebody else built, with the faults such accounts have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import HERE, THERE, until_over
from aws_support.callers import sign_in
from aws_support.rds import create
from aws_support.roles import may_all
from components.function import checking_signatures
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from stacks import build
from strategy import load
from strategy.checks.guards import Severity, check

KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "id", "AttributeType": "S"}]
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nightly"
CRM = f"arn:aws:rds:{HERE}:{ACCOUNT}:db:crm"
AUDIT = f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/AuditLogs"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A Terraform-built account: a nightly plan without copies, kept for a day, and what nobody looked at since."""
    with Cloud(directory=tmp_path_factory.mktemp("theirs") / "cloud") as cloud:
        create(cloud, "crm", BackupRetentionPeriod=1, PreferredBackupWindow="03:15-03:45", DBName="crm")
        for table in ("AuditLogs", "Sessions"):
            cloud.client("dynamodb", HERE).create_table(
                TableName=table, KeySchema=KEY, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST"
            )
        iam = cloud.client("iam", HERE)
        iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.attach_role_policy(
            RoleName="nightly", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
        )
        plan(cloud)
        cloud.client("sns", HERE).create_topic(Name="ops")
        cloud.client("s3", HERE).create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": HERE})
        cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=1))
        yield cloud


def plan(cloud: Cloud) -> None:
    """Selects the instance and one of the two tables by its ARN; both have one backup."""
    backup = cloud.client("backup", HERE)
    key = cloud.client("kms", HERE).create_key()["KeyMetadata"]["Arn"]
    backup.create_backup_vault(BackupVaultName="nightly", EncryptionKeyArn=key)
    rule = {
        "RuleName": "nightly",
        "TargetBackupVaultName": "nightly",
        "ScheduleExpression": "cron(0 3 * * ? *)",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 180,
        "Lifecycle": {"DeleteAfterDays": 1},
    }
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})
    chosen = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": [CRM, AUDIT]}
    backup.create_backup_selection(BackupPlanId=made["BackupPlanId"], BackupSelection=chosen)
    may_all(cloud, "nightly", trusted="backup.amazonaws.com")
    for arn in (CRM, AUDIT):
        job = backup.start_backup_job(BackupVaultName="nightly", IamRoleArn=ROLE, ResourceArn=arn)["BackupJobId"]
        until_over(cloud, partial(backup.describe_backup_job, BackupJobId=job))


@pytest.fixture
def connected(theirs: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    sign_in(monkeypatch, theirs)
    return theirs


def assessed(cloud: Cloud, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    now = cloud.clock.now().isoformat(timespec="seconds")
    assert main(["assess", "--json", "--now", now, *more]) == ExitCode.NOT_KEPT
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


FAULTS = {
    "PITR off": ("AuditLogs", "back to any moment of 35d", "point-in-time recovery is off"),
    "retention of one day": ("crm", "back to any moment of 7d", "it reaches back 24h"),
    "a rule of one day": ("crm", "a recovery point is kept 30d", "the longest, by nightly, 24h"),
    "no copy action": ("AuditLogs", f"a copy of every recovery point is in {THERE}", "no rule has a copy action there"),
    "a role that cannot restore": (
        "restore role",
        "a role may restore RDS",
        "none of those that AWS Backup may take: nightly",
    ),
    "a backup window inside the rule's hour": (
        "crm",
        "its own backup window is clear of every rule",
        "03:15-03:45 is inside the hour of nightly: RDS starts no snapshot then",
    ),
    "an unencrypted topic": (f"topic ops in {HERE}", "it is encrypted", "it has no key"),
    "a forgotten table": ("Sessions", "a backup plan covers it", "no selection of any plan covers it: it was forgotten"),
    "nobody is told": ("alerts", "somebody is told of a failed job", "no enabled EventBridge rule listens to AWS Backup"),
    "one backup a day": ("crm", "a recovery point at most 12h old", "25h between two starts, start window included"),
    "a bucket without versions": ("bucket uploads", "an overwritten object comes back", "it is not versioned"),
}


@pytest.mark.proves("stores.assessment")
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_with_what_mends_it(connected: Cloud, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    gaps = {(each["what"], each["promise"], each["found"]): each for each in assessed(connected, capsys)["gaps"]}
    assert FAULTS[fault] in gaps
    assert gaps[FAULTS[fault]]["mend"]


@pytest.mark.proves("stores.assessment")
def test_the_worst_comes_first_and_what_is_kept_is_said(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    found = assessed(connected, capsys)
    ranks = [each["harm_rank"] for each in found["gaps"]]
    assert ranks == sorted(ranks)
    assert found["gaps"][0]["harm"] == "data could not be brought back"
    kept = {(each["what"], each["promise"]) for each in found["kept"]}
    assert ("crm", "a backup plan covers it") in kept
    assert ("AuditLogs", "its newest recovery point is there") in kept
    assert found["not_checked"] == []
    assert ("restore tests", "restores are tested on a schedule") in {(each["what"], each["promise"]) for each in found["gaps"]}


def test_the_page_says_it_in_the_same_order(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    now = connected.clock.now().isoformat(timespec="seconds")
    assert main(["assess", "--now", now]) == ExitCode.NOT_KEPT
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"account {ACCOUNT}, {HERE} with {THERE}")
    assert lines.index("Data could not be brought back") < lines.index("The loss of the region would be the loss of the data")
    assert lines[-1].endswith("Next: python -m recovery init NAME writes an environment for these stores.")


@pytest.mark.proves("stores.assessment")
def test_a_wrong_region_is_not_a_good_one(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is there, and so nothing of it is broken: that is said, and is an error."""
    found = assessed(connected, capsys, "--primary", THERE, "--recovery", HERE)
    assert {"stores"} <= {each["what"] for each in found["gaps"]}


@pytest.mark.proves("stores.assessment")
def test_it_only_reads(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    before = [connected.client("dynamodb", HERE).list_tables(), connected.client("backup", HERE).list_backup_plans()]
    assessed(connected, capsys)
    after = [connected.client("dynamodb", HERE).list_tables(), connected.client("backup", HERE).list_backup_plans()]
    assert [each.pop("ResponseMetadata") and each for each in before] == [each.pop("ResponseMetadata") and each for each in after]


def test_a_table_that_aws_lists_and_does_not_describe_yet_is_no_error(
    connected: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody makes a table at this moment: it is looked at the next time, and all the others now."""
    monkeypatch.setattr("aws_rehearsal.dynamodb.visibility.UNSEEN", timedelta(minutes=5))
    dynamodb = connected.client("dynamodb", HERE)
    with connected.gateway.working():  # a busy cloud does not leap
        dynamodb.create_table(TableName="New", KeySchema=KEY, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST")
        found = assessed(connected, capsys)
        dynamodb.delete_table(TableName="New")
    said = {each["what"] for each in (*found["gaps"], *found["kept"])}
    assert {"AuditLogs", "Sessions"} <= said
    assert "New" not in said
    assert found["not_checked"] == []


def begun(cloud: Cloud, into: Path, *more: str) -> int:
    now = cloud.clock.now().isoformat(timespec="seconds")
    return main(["init", "terra", "--into", str(into), "--now", now, "--email", "ops@example.com", *more])


@pytest.mark.proves("stores.starter-environment")
def test_init_writes_an_environment_of_existing_stores_that_is_kept(
    connected: Cloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert begun(connected, tmp_path) == ExitCode.DONE
    out = capsys.readouterr().out
    assert out.startswith(f"Wrote {tmp_path}/terra.toml: 3 stores")
    strategy = load("terra", directory=tmp_path)
    assert {(store.name, store.source, store.arn) for store in strategy.stores} == {
        ("crm", "existing", CRM),
        ("auditlogs", "existing", AUDIT),
        ("sessions", "existing", AUDIT.replace("AuditLogs", "Sessions")),
    }
    assert (strategy.account, strategy.alerts.email) == (ACCOUNT, ("ops@example.com",))
    errors = [each for each in check(strategy, connected.clock.now().date()) if each.severity is Severity.ERROR]
    assert errors == []
    text = (tmp_path / "terra.toml").read_text()
    assert 'point_in_time = "7d"   # look: it is set to 1d' in text
    assert text.count("# look: it is off") == 2


@pytest.mark.proves("stores.starter-environment")
def test_what_init_wrote_synthesises(connected: Cloud, tmp_path: Path) -> None:
    """Stacks for stores that are there: protected, and not made."""
    begun(connected, tmp_path)
    code = tmp_path / "functions"
    for each in (code, checking_signatures(code)):
        each.mkdir()
        (each / "recovery.py").write_text(f"the code of {each.name}\n")
    app = App(outdir=str(tmp_path / "out"), analytics_reporting=False)
    build(app, load("terra", directory=tmp_path), code)
    app.synth()
    templates = [json.loads(file.read_text()) for file in (tmp_path / "out").glob("*.template.json")]
    made = {each["Type"] for template in templates for each in template["Resources"].values()}
    assert "AWS::Backup::BackupPlan" in made
    assert "AWS::RDS::DBInstance" not in made
    selections = json.dumps([t for t in templates if "AWS::Backup::BackupSelection" in json.dumps(t)])
    assert CRM in selections
    assert AUDIT in selections


def test_a_window_that_meets_a_rule_is_moved_and_said(
    connected: Cloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """prod's weekly rule runs at 03:00, and the instance's window is at 03:15."""
    begun(connected, tmp_path)
    capsys.readouterr()
    text = (tmp_path / "terra.toml").read_text()
    assert "# look: it is 03:15-03:45, which meets a rule" in text


def test_an_environment_that_is_there_is_left_alone(connected: Cloud, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "terra.toml").write_text("mine")
    assert begun(connected, tmp_path) == ExitCode.WRONG_INPUT
    assert "is there already: choose another name, or --force" in capsys.readouterr().err
    assert (tmp_path / "terra.toml").read_text() == "mine"
    assert begun(connected, tmp_path, "--force") == ExitCode.DONE
    assert load("terra", directory=tmp_path).stores


def test_a_wrong_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "Terra-1"]) == ExitCode.WRONG_INPUT
    assert "allowed: 2 to 16 lower-case letters and digits" in capsys.readouterr().err

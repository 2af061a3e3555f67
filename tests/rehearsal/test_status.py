"""`python -m recovery status` against the embedded AWS: stores, vaults, and what a restore stands on, made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.wrappers import Response

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import HERE, ROLE, THERE, until_over
from aws_support.rds import create
from aws_support.roles import may_all
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from recovery.evidence import bucket as evidence
from rehearsal.scenarios.people import Duty
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from tests.people import sign_in_as

STRATEGY = load("dev")
PREFIX = STRATEGY.prefix
MYSQL, TABLE = (names.store(PREFIX, store.name) for store in STRATEGY.stores)
SECRET = names.database_secret(PREFIX, "mysql")
COPIES = names.copy_vault(PREFIX)
STATES = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Two stores in the primary, each backed up and copied an hour ago; both regions ready for a restore."""
    with Cloud(directory=tmp_path_factory.mktemp("status") / "cloud") as cloud:
        for region in (HERE, THERE):
            prepare(cloud, region)
        machine = names.state_machine(PREFIX, "recover-region")
        states = cloud.client("stepfunctions", THERE)
        states.create_state_machine(name=machine, definition=json.dumps(STATES), roleArn=ROLE)
        for route in Route:
            machine = names.state_machine(PREFIX, route)
            cloud.client("stepfunctions", HERE).create_state_machine(name=machine, definition=json.dumps(STATES), roleArn=ROLE)
        create(cloud, MYSQL)
        make_table(cloud)
        back_up_and_copy(cloud)
        cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=1))
        yield cloud


def prepare(cloud: Cloud, region: str) -> None:
    """What the standby and backup stacks make in every region."""
    key = cloud.client("kms", region).create_key()["KeyMetadata"]["Arn"]
    for vault in (names.backup_vault(PREFIX), COPIES):
        cloud.client("backup", region).create_backup_vault(BackupVaultName=vault, EncryptionKeyArn=key)
    place = {"LocationConstraint": region}
    bucket = names.evidence_bucket(PREFIX, region, ACCOUNT)
    cloud.client("s3", region).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    role = names.role(PREFIX, "restore", region)
    cloud.client("iam", region).create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    subnets = [each["SubnetId"] for each in cloud.client("ec2", region).describe_subnets()["Subnets"]]
    rds = cloud.client("rds", region)
    rds.create_db_subnet_group(DBSubnetGroupName=names.subnet_group(PREFIX), DBSubnetGroupDescription="-", SubnetIds=subnets)
    group = names.parameter_group(PREFIX)
    rds.create_db_parameter_group(DBParameterGroupName=group, DBParameterGroupFamily="mysql8.0", Description="-")
    cloud.client("secretsmanager", region).create_secret(Name=SECRET, SecretString="{}")


def make_table(cloud: Cloud) -> None:
    dynamodb = cloud.client("dynamodb", HERE)
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    history = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
    dynamodb.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=history)


def back_up_and_copy(cloud: Cloud) -> None:
    """Each store's backup, its copy, and the manifest of its moment in both regions; the jobs run beside one another."""
    backup, moment, vault = cloud.client("backup", HERE), cloud.clock.now(), names.backup_vault(PREFIX)
    jobs, copies = [], []
    may_all(cloud, ROLE.rpartition("/")[2], trusted="backup.amazonaws.com")
    for store in STRATEGY.stores:
        arn = names.store_arn(store.kind, HERE, ACCOUNT, names.store(PREFIX, store.name))
        jobs.append(backup.start_backup_job(BackupVaultName=vault, IamRoleArn=ROLE, ResourceArn=arn)["BackupJobId"])
        for region in (HERE, THERE):
            bucket = names.evidence_bucket(PREFIX, region, ACCOUNT)
            key = evidence.manifest_key(store.name, moment)
            for each in (key, evidence.signature_key(key)):
                evidence.write_manifest(cloud.client("s3", region), bucket, each, b"{}")
    for job in jobs:
        point = until_over(cloud, partial(backup.describe_backup_job, BackupJobId=job))["RecoveryPointArn"]
        copied = backup.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName=vault,
            DestinationBackupVaultArn=names.vault_arn(THERE, ACCOUNT, COPIES),
            IamRoleArn=ROLE,
        )
        copies.append(copied["CopyJobId"])
    for copy in copies:
        until_over(cloud, lambda: backup.describe_copy_job(CopyJobId=copy)["CopyJob"])  # noqa: B023  over before the next


@pytest.fixture(autouse=True)
def connected(bank: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_as(Duty.VIEWER, bank, monkeypatch, STRATEGY)


class Asking:
    """The command, as a person types it; the cloud's virtual time is given, as in a rehearsal."""

    def __init__(self, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
        self._cloud, self._capsys = cloud, capsys
        self.err = ""

    def text(self, region: str, *more: str, later: timedelta = timedelta()) -> tuple[int, str]:
        now = (self._cloud.clock.now() + later).isoformat()
        code = main(["status", "--env", "dev", "--region", region, "--now", now, *more])
        shown = self._capsys.readouterr()
        self.err = shown.err
        return code, shown.out

    def json(self, region: str, *, later: timedelta = timedelta()) -> tuple[int, dict[str, Any]]:
        code, out = self.text(region, "--json", later=later)
        found: dict[str, Any] = json.loads(out)
        return code, found


@pytest.fixture
def asking(bank: Cloud, capsys: pytest.CaptureFixture[str]) -> Asking:
    return Asking(bank, capsys)


def states(found: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(store["store"], source["where"]): source["state"] for store in found["stores"] for source in store["sources"]}


@pytest.mark.proves("restore.status")
def test_the_primary_restores_to_a_moment_and_from_its_own_vault(asking: Asking) -> None:
    code, found = asking.json(HERE)
    assert (code, found["problems"], found["not_checked"]) == (ExitCode.DONE, [], [])
    assert (found["role"], found["kept"]) == ("primary", True)
    assert states(found) == {
        (store, where): state
        for store in ("mysql", "audit-logs")
        for where, state in (("point in time", "kept"), ("backup vault", "kept"), ("copy vault", "not promised"))
    }
    name = next(each for each in found["stores"][0]["premises"] if each["what"] == "name")
    assert name == {
        "what": "name",
        "state": "fine",
        "detail": f"{MYSQL} is the live store: a restore goes beside it, under another name",
    }


@contextmanager
def answering(cloud: Cloud, wanted: tuple[str, str], code: str) -> Iterator[None]:
    """One operation answers with an error."""

    def answer(_region: str, service: str, operation: str) -> Response | None:
        if (service, operation) != wanted:
            return None
        return Response(json.dumps({"__type": code, "message": "no"}), status=400, content_type="application/x-amz-json-1.0")

    cloud.gateway.interceptors.append(answer)
    try:
        yield
    finally:
        cloud.gateway.interceptors.remove(answer)


@pytest.mark.proves("restore.not-checked")
def test_what_is_refused_is_not_checked_and_ends_with_3(bank: Cloud, asking: Asking) -> None:
    with answering(bank, ("dynamodb", "DescribeContinuousBackups"), "AccessDeniedException"):
        code, shown = asking.text(HERE)
    assert code == ExitCode.AWS_TROUBLE
    refused = "audit-logs: point in time: DescribeContinuousBackups was refused (AccessDeniedException)"
    assert f"- {refused}\n" in shown
    assert "Not known: 1 not checked above, nothing found broken." in shown
    assert asking.err == f"recovery: 1 not checked in {HERE}, first {refused}: allow it, and repeat\n"


def test_another_account_is_not_taken_for_an_empty_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of the bank is there, and it would look like a disaster."""
    assert main(["status", "--env", "prod"]) == ExitCode.AWS_TROUBLE
    assert f"the credentials are of account {ACCOUNT}, prod is 345678901234" in capsys.readouterr().err


@pytest.mark.proves("restore.status")
def test_what_would_stop_a_restore_is_told_before_the_night(bank: Cloud, asking: Asking) -> None:
    secrets, dynamodb = bank.client("secretsmanager", THERE), bank.client("dynamodb", THERE)
    secrets.delete_secret(SecretId=SECRET)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    dynamodb.create_table(TableName=TABLE, KeySchema=[key], AttributeDefinitions=[attribute], BillingMode="PAY_PER_REQUEST")
    try:
        code, found = asking.json(THERE)
    finally:
        secrets.restore_secret(SecretId=SECRET)
        dynamodb.delete_table(TableName=TABLE)
    assert code == ExitCode.NOT_KEPT
    assert found["problems"] == [
        f"mysql: password secret: the secret {SECRET} is being deleted",
        f"audit-logs: name: {TABLE} is taken: if it was recovered already, swap the regions; else rename it",
    ]


def test_a_restored_store_that_is_not_adopted_is_a_problem(bank: Cloud, asking: Asking) -> None:
    ssm, name = bank.client("ssm", HERE), names.endpoint(PREFIX, "audit-logs")
    restored = names.restored(TABLE, "r1a2b3c4d")
    ssm.put_parameter(Name=name, Type="String", Value=json.dumps({"resource": restored}))
    try:
        code, found = asking.json(HERE)
    finally:
        ssm.delete_parameter(Name=name)
    assert code == ExitCode.NOT_KEPT
    assert found["stores"][1]["in_use"] == restored
    adopt = f"python -m recovery adopt r1a2b3c4d --env dev --region {HERE}"
    assert found["problems"] == [f"audit-logs: endpoint: restored store {restored} is not adopted: {adopt}"]


def test_stale_points_break_the_promise(asking: Asking) -> None:
    code, found = asking.json(THERE, later=timedelta(hours=15))
    assert code == ExitCode.NOT_KEPT
    assert len(found["problems"]) == 2
    assert all("old, the RPO is 12h (accepted up to 15h)" in each for each in found["problems"])


@pytest.mark.proves("restore.status")
def test_with_the_primary_lost_the_recovery_region_answers_alone(bank: Cloud, asking: Asking) -> None:
    bank.lose_region(HERE)
    code, shown = asking.text(THERE)
    assert code == ExitCode.DONE, shown
    assert shown.endswith(f"Every store can be restored from {THERE}, as promised.\n")
    assert shown.count("needed:") == 2
    assert sum(bank.gateway.calls_after_loss.values()) == 0

    code, shown = asking.text(HERE)
    assert (code, shown) == (ExitCode.AWS_TROUBLE, "")
    assert asking.err.count("\n") == 1
    assert f"GetCallerIdentity in {HERE}" in asking.err
    assert f"the other region is {THERE} (--region)" in asking.err

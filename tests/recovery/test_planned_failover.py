"""Handing traffic over on purpose: in order, again where it was, and only by who serves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from recovery.aws import AwsTrouble, Region
from recovery.cutover import planned_failover, takeover
from recovery.cutover.beat import Beat
from recovery.cutover.planned_failover import NotServing, stop_and_copy, withdraw
from recovery.cutover.switch import Record, write
from recovery.evidence import bucket as evidence
from strategy import load
from strategy.catalogue import names

DEV = load("dev")
HOME, AWAY = DEV.regions.primary, DEV.regions.recovery
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Backup:
    """AWS Backup in the region that serves: one job for each token, as AWS does it, each completed at its second look."""

    def __init__(self, state: str = "COMPLETED") -> None:
        self.begun: dict[str, dict[str, Any]] = {}
        self._state, self._looks = state, dict[str, int]()

    def start_backup_job(self, **asked: Any) -> dict[str, str]:
        self.begun.setdefault(f"backup {asked['IdempotencyToken']}", asked)
        return {"BackupJobId": asked["IdempotencyToken"]}

    def start_copy_job(self, **asked: Any) -> dict[str, str]:
        self.begun.setdefault(f"copy {asked['IdempotencyToken']}", asked)
        return {"CopyJobId": asked["IdempotencyToken"]}

    def describe_backup_job(self, BackupJobId: str) -> dict[str, str]:  # noqa: N803  AWS's spelling
        return {"State": self._after(BackupJobId), "RecoveryPointArn": f"point of {BackupJobId}", "StatusMessage": "no room"}

    def describe_copy_job(self, CopyJobId: str) -> dict[str, Any]:  # noqa: N803  AWS's spelling
        return {"CopyJob": {"State": self._after(f"copy {CopyJobId}")}}

    def _after(self, job: str) -> str:
        self._looks[job] = self._looks.get(job, 0) + 1
        return self._state if self._looks[job] > 1 else "RUNNING"


class States:
    """Step Functions there: run once for each name, it writes and signs the manifests where they are replicated to."""

    class exceptions:  # noqa: N801  as a client has it
        class ExecutionAlreadyExists(Exception):
            """As AWS answers to a name that was used."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start_execution(self, **asked: Any) -> None:
        if asked["name"] in self.names:
            raise self.exceptions.ExecutionAlreadyExists
        self.names.append(asked["name"])
        bucket = names.evidence_bucket(DEV.prefix, HOME, DEV.account)
        for store in DEV.stores:
            manifest = evidence.manifest_key(store.name, NOW + 3 * MINUTE)
            for key in (manifest, evidence.signature_key(manifest)):
                boto3.client("s3", region_name=HOME).put_object(Bucket=bucket, Key=key, Body=b"{}")

    def describe_execution(self, **_: Any) -> dict[str, str]:
        return {"status": "SUCCEEDED"}


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Region, Backup, States]]:
    """The other region serves since yesterday, and looks at its fence each minute."""
    with mock_aws():
        to, backup, states = Region(HOME), Backup(), States()
        bucket = names.evidence_bucket(DEV.prefix, HOME, DEV.account)
        to.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
        serving(AWAY)
        client = Region.client

        def replaced(region: Region, service: str) -> Any:
            given = {(AWAY, "backup"): backup, (AWAY, "stepfunctions"): states}
            return given.get((region.name, service)) or client(region, service)

        monkeypatch.setattr(Region, "client", replaced)
        yield to, backup, states


def serving(region: str) -> None:
    write(boto3.client("ssm", region_name=AWAY), names.switch(DEV.prefix), Record(region, NOW - timedelta(days=1), "r1", "me"))


def fence(_seconds: float = 0.0) -> None:
    """A minute later: what the fence of the region that serves would do."""
    noted = takeover.read(boto3.client("ssm", region_name=HOME), names.taking(DEV.prefix))
    beat = Beat(at=NOW + 2 * MINUTE, closed=noted is not None and noted.planned, changed=NOW + 2 * MINUTE)
    name = names.heartbeat(DEV.prefix)
    boto3.client("ssm", region_name=AWAY).put_parameter(Name=name, Value=beat.to_json(), Type="String", Overwrite=True)


@pytest.mark.proves("region-loss.failback")
def test_writers_stop_before_anything_is_backed_up_and_everything_is_copied(night: tuple[Region, Backup, States]) -> None:
    to, backup, states = night
    fence()  # as it was before
    done = []
    for said in stop_and_copy(DEV, to, now=lambda: NOW, sleep=fence):
        done.append(said)
        if not said.text.startswith(f"{AWAY} closes itself"):
            continue
        assert not backup.begun
        assert not states.names
    assert done[-1].closed == NOW + 2 * MINUTE
    assert [each.split()[0] for each in backup.begun] == ["backup"] * 2 + ["copy"] * 2
    copies = [each for name, each in backup.begun.items() if name.startswith("copy")]
    assert {each["DestinationBackupVaultArn"] for each in copies} == {
        names.vault_arn(HOME, DEV.account, names.copy_vault(DEV.prefix))
    }
    assert [each["RecoveryPointArn"] for each in copies] == [
        f"point of handover-20261102T030000-{each.name}" for each in DEV.stores
    ]


def test_typed_again_it_makes_nothing_twice(night: tuple[Region, Backup, States]) -> None:
    to, backup, _ = night
    fence()
    first = list(stop_and_copy(DEV, to, now=lambda: NOW, sleep=fence))
    jobs = dict(backup.begun)
    again = list(stop_and_copy(DEV, to, now=lambda: NOW + 30 * MINUTE, sleep=fence))
    assert backup.begun == jobs
    assert again[-1].closed == first[-1].closed


def test_who_does_not_serve_fails_nothing_over(night: tuple[Region, Backup, States]) -> None:
    to, backup, _ = night
    serving(HOME)
    with pytest.raises(NotServing, match=f"{HOME} serves"):
        list(stop_and_copy(DEV, to, now=lambda: NOW, sleep=fence))
    assert not backup.begun
    assert takeover.read(to.client("ssm"), names.taking(DEV.prefix)) is None


def test_a_backup_that_fails_is_told_and_it_can_be_taken_back(night: tuple[Region, Backup, States]) -> None:
    to, backup, _ = night
    backup._state = "FAILED"
    fence()
    with pytest.raises(AwsTrouble, match=r"backup job .* ended FAILED: no room; take it back with --undo"):
        list(stop_and_copy(DEV, to, now=lambda: NOW, sleep=fence))
    assert withdraw(DEV, to)
    assert takeover.read(to.client("ssm"), names.taking(DEV.prefix)) is None
    assert not withdraw(DEV, to)


def test_a_region_that_never_closes_is_not_waited_for_without_end(
    night: tuple[Region, Backup, States], monkeypatch: pytest.MonkeyPatch
) -> None:
    to, backup, _ = night
    fence()
    monkeypatch.setattr(planned_failover, "_LONGEST", 60.0)
    with pytest.raises(AwsTrouble, match="to close it"):
        list(stop_and_copy(DEV, to, now=lambda: NOW, sleep=lambda _: None))
    assert not backup.begun

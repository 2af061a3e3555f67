"""The monitor's readings: what is late and what only looks so, what a policy really refuses, and a reading that fails alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from recovery.monitor import drift, lateness, readings
from recovery.monitor.beat import GRACE, first
from recovery.monitor.drift import refused
from recovery.monitor.lateness import outstanding
from recovery.monitor.snapshot import Held, Look, Number
from recovery.recovery_points import RecoveryPoint
from strategy import load
from strategy.catalogue import metrics
from strategy.catalogue.vault_protection import BY_NO_DEPLOYMENT, guarded
from strategy.contracts.requests.monitor import request_for

DEV = load("dev")
SUNDAY = datetime(2026, 11, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PRIMARY, RECOVERY = DEV.regions.primary, DEV.regions.recovery


class Fake(Look):
    """A look whose answers are given."""

    def __init__(
        self,
        now: datetime,
        *,
        region: str = PRIMARY,
        since: datetime | None = None,
        made: datetime | None = None,
        points: tuple[datetime, ...] = (),
        jobs: int = 0,
        planned: datetime | None = None,
    ) -> None:
        begun = since or now - timedelta(days=30)
        super().__init__(request_for(DEV, region), lambda _: _Backup(self, jobs, planned or begun), now)
        self.__dict__["since"] = begun
        self.__dict__["made"] = {each.name: made or begun for each in self.wanted.stores}
        self.given = points

    def of(self, store: Any) -> tuple[Held, ...]:
        newest = sorted(self.given, reverse=True)
        return tuple(Held(RecoveryPoint("arn", each, "RDS", "COMPLETED", None, None), store.arn, 1) for each in newest)


class _Backup:
    """As much of AWS Backup as lateness asks."""

    def __init__(self, look: Fake, jobs: int, planned: datetime) -> None:
        self._look, self._jobs, self._planned = look, jobs, planned

    def list_backup_jobs(self, **asked: Any) -> dict[str, Any]:
        assert asked["ByCreatedAfter"] <= self._look.now
        return {"BackupJobs": [{}] * self._jobs}

    def get_paginator(self, name: str) -> _Backup:
        self._asked = name
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {
            "list_backup_plans": {"BackupPlansList": [{"BackupPlanName": self._look.wanted.plan, "BackupPlanId": "p"}]},
            "list_backup_plan_versions": {"BackupPlanVersionsList": [{"CreationDate": self._planned}]},
        }
        return [found[self._asked]]


def late(look: Look) -> float:
    values = {each.value for each in lateness.backups(look)}
    assert len(values) == 1, "both stores are given the same"
    return values.pop()


def copy_late(look: Look) -> float:
    return {each.value for each in lateness.copies(look)}.pop()


@pytest.mark.proves("monitoring.late-backups")
def test_a_run_that_did_not_start_is_late_from_its_moment() -> None:
    two = SUNDAY + 2 * HOUR
    assert late(Fake(two + 90 * MINUTE, points=(two - 12 * HOUR,))) == 90
    assert late(Fake(two - MINUTE, points=(two - 12 * HOUR,))) == 0


@pytest.mark.proves("monitoring.late-backups")
def test_a_run_whose_job_is_there_is_late_from_when_it_should_have_ended() -> None:
    two = SUNDAY + 2 * HOUR
    ends = two + HOUR + timedelta(seconds=request_for(DEV, PRIMARY).stores[0].backup_seconds)
    for moment, minutes in ((ends - MINUTE, 0), (ends + 30 * MINUTE, 30)):
        mysql, _ = lateness.backups(Fake(moment, points=(two - 12 * HOUR,), jobs=1))
        assert mysql.value == minutes


def test_a_recovery_point_of_the_run_ends_it() -> None:
    """The weekly run follows an hour later, and is outstanding by then."""
    two = SUNDAY + 2 * HOUR
    assert late(Fake(two + 50 * MINUTE, points=(two + MINUTE,))) == 0
    assert late(Fake(two + 2 * HOUR, points=(two + MINUTE,))) == 60


@pytest.mark.parametrize("what", ["since", "made", "planned"])
def test_runs_from_before_a_region_a_store_or_a_plan_was_made_are_not_late(what: str) -> None:
    now = SUNDAY + 13 * HOUR
    young: Any = {what: now - HOUR}
    assert late(Fake(now)) > 0
    assert late(Fake(now, **young)) == 0


@pytest.mark.proves("monitoring.late-backups")
def test_a_copy_is_awaited_for_as_long_as_backup_and_copy_take() -> None:
    store, two = request_for(DEV, RECOVERY).stores[0], SUNDAY + 2 * HOUR
    arrives = HOUR + timedelta(seconds=store.backup_seconds + store.copy_seconds)
    before = (two - 12 * HOUR,)
    (mysql, _) = lateness.copies(Fake(two + arrives - MINUTE, region=RECOVERY, points=before))
    assert mysql.value == 0
    (mysql, _) = lateness.copies(Fake(two + arrives + 30 * MINUTE, region=RECOVERY, points=before))
    assert mysql.value == 30


def test_a_copy_vault_without_its_first_copy_waits_a_day_and_no_longer() -> None:
    """The region that sends is deployed after the one that receives."""
    two = SUNDAY + 2 * HOUR
    assert copy_late(Fake(two + 20 * HOUR, region=RECOVERY, since=two - HOUR)) == 0
    assert copy_late(Fake(two + 40 * HOUR, region=RECOVERY, since=two - HOUR)) > 0


def test_only_the_effective_schedule_counts() -> None:
    """At 02:00 the daily rule's run stands for the 12-hour rule's."""
    look = Fake(SUNDAY + 4 * HOUR)
    run_ = outstanding(lateness.rules(look), SUNDAY - 9 * HOUR, look.since, SUNDAY + 150 * MINUTE)
    assert run_ is not None
    assert run_.rule.name == "daily-backup-rule"


# ---------------------------------------------------------------------- a reading alone
def numbers(_: Look) -> Iterator[Number]:
    yield Number(metrics.DRIFT, 2, (("Subject", "vaults"),), "its policy is gone")


def broken(_: Look) -> Iterator[Number]:
    yield Number(metrics.POINTS_EXPIRED, 0)
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeBackupVault")


@pytest.mark.proves("monitoring.unreadable")
def test_a_reading_that_fails_leaves_the_others_and_is_never_a_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "EVERYWHERE", (broken, numbers))
    monkeypatch.setattr(readings, "IN_PRIMARY", ())
    looked = readings.run(request_for(DEV, PRIMARY), lambda _: None, SUNDAY)
    assert [each.name for each in looked.numbers] == [metrics.DRIFT]
    assert list(looked.not_checked) == ["test_monitor.broken"]
    said = list(readings.lines(looked, DEV.prefix))
    assert said[0].startswith("not checked: test_monitor.broken: ClientError")
    assert "its policy is gone" in said[1]
    documents = [json.loads(each) for each in said if each.startswith("{")]
    values = {
        name: each[name] for each in documents for name in (metrics.DRIFT, metrics.NOT_CHECKED, metrics.BEAT) if name in each
    }
    assert values == {metrics.DRIFT: 2, metrics.NOT_CHECKED: 1, metrics.BEAT: 1}
    assert metrics.POINTS_EXPIRED not in json.dumps(documents)


@pytest.mark.proves("monitoring.unreadable")
def test_a_defect_of_a_reading_is_caught_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "EVERYWHERE", (lambda look: iter([look.wanted.unheard]), numbers))
    monkeypatch.setattr(readings, "IN_PRIMARY", ())
    looked = readings.run(request_for(DEV, PRIMARY), lambda _: None, SUNDAY)
    assert (len(looked.numbers), len(looked.not_checked)) == (1, 1)


# ---------------------------------------------------------------------- a vault's policy
EXEMPT = {"break_glass": "arn:aws:iam::1:role/break-glass", "deployment": "arn:aws:iam::1:role/cdk"}


def statement(actions: list[str], exempt: list[str], **changed: Any) -> dict[str, Any]:
    condition = {"ArnNotEquals": {"aws:PrincipalArn": exempt}}
    return {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*", "Condition": condition} | changed


def test_a_policy_that_refuses_all_is_read_as_such() -> None:
    whole = {"Statement": [statement([action], sorted(exempt)) for action, exempt in guarded(EXEMPT).items()]}
    assert refused(whole) == guarded(EXEMPT)


@pytest.mark.proves("monitoring.drift", "stores.drift")
@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::1:root"}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "backup"}}},
        {
            "Condition": {
                "ArnNotEquals": {"aws:PrincipalArn": EXEMPT["break_glass"]},
                "Bool": {"aws:MultiFactorAuthPresent": "false"},
            }
        },
        {"Action": ["backup:ListTags"]},
    ],
)
def test_a_statement_that_was_weakened_refuses_nothing(changed: dict[str, Any]) -> None:
    weakened = {"Statement": [statement(list(BY_NO_DEPLOYMENT), [EXEMPT["break_glass"]], **changed)]}
    assert not refused(weakened).keys() & set(BY_NO_DEPLOYMENT)


@pytest.mark.proves("monitoring.drift", "stores.drift")
def test_another_role_that_is_excepted_is_found() -> None:
    policy = {"Statement": [statement(list(BY_NO_DEPLOYMENT), [EXEMPT["break_glass"], "arn:aws:iam::1:role/intern"])]}
    action = "backup:DeleteRecoveryPoint"
    assert refused(policy)[action] - guarded(EXEMPT)[action] == {"arn:aws:iam::1:role/intern"}


@pytest.mark.proves("stores.drift")
def test_a_fresh_region_has_no_drift() -> None:
    look = Fake(SUNDAY, since=SUNDAY - 30 * MINUTE, made=SUNDAY - 20 * MINUTE)
    found = [*drift.stores(look), *drift.plan(look), *drift.vaults(look)]
    assert len(found) == 4
    assert all(each.value == 0 for each in found)


# ---------------------------------------------------------------------- beats
class _CloudWatch:
    def __init__(self, after: int) -> None:
        self.put: list[dict[str, Any]] = []
        self._after = after

    def put_metric_data(self, **given: Any) -> None:
        self.put += given["MetricData"]

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        self._after -= 1
        return {"Datapoints": [] if self._after > 0 else [{"Maximum": 1.0}]}


@pytest.mark.proves("monitoring.silent-monitor")
def test_a_deployment_beats_for_both_regions_until_it_shows() -> None:
    cloudwatch, slept = _CloudWatch(after=3), list[float]()
    assert first(cloudwatch, DEV.prefix, PRIMARY, SUNDAY, slept.append)
    assert len(slept) == 2
    peers = [each["Timestamp"] for each in cloudwatch.put if each["MetricName"] == metrics.PEER_BEAT]
    assert (min(peers), len(peers)) == (SUNDAY, GRACE / metrics.MONITOR_EVERY)
    assert max(peers) < SUNDAY + GRACE, "CloudWatch takes two hours ahead, and no more"
    assert sum(each["MetricName"] == metrics.BEAT for each in cloudwatch.put) == 1
    assert not first(_CloudWatch(after=99), DEV.prefix, PRIMARY, SUNDAY, slept.append)

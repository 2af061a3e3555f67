"""Making a plan: which data it takes, what it refuses, and that what it was asked for is settled in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import typer
from moto import mock_aws

from recovery import recovery_points
from recovery.aws import Region
from recovery.cli.times import moment_or_age
from recovery.cutover.switch import Record, write
from recovery.recovery_points import RecoveryPoint
from recovery.restore import planner, sources
from recovery.restore.plan import Plan
from recovery.restore.planner import Asked, CannotPlan, make_plan
from recovery.restore.sources import NothingToRestore, WrongSource
from recovery.status.facts import Missing, Window
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route, Step
from tests.recovery.fake_night import DEV, MYSQL, NOW, OPERATOR, REGION

TABLE = names.store(DEV.prefix, "audit-logs")
OWN, COPIES = names.backup_vault(DEV.prefix), names.copy_vault(DEV.prefix)
HOUR = timedelta(hours=1)
WINDOW = Window(NOW - 7 * 24 * HOUR, NOW - timedelta(minutes=4, milliseconds=-250), timedelta(days=7), None)
SPAN = "2026-11-16T03:00:00Z to 2026-11-23T02:56:00Z"


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    """Two empty vaults, an evidence bucket, the network's parameter, the table; a window of a week."""
    with mock_aws():
        place: Any = {"LocationConstraint": REGION}
        bucket = names.evidence_bucket(DEV.prefix, REGION, DEV.account)
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        ssm = boto3.client("ssm", region_name=REGION)
        for name, value in (("database-security-group", "sg-1"), ("drill-security-group", "sg-drill")):
            ssm.put_parameter(Name=names.parameter(DEV.prefix, "network", name), Type="String", Value=value)
        monkeypatch.setattr(sources, "mysql_window", lambda _rds, _arn: WINDOW)
        monkeypatch.setattr(sources, "table_window", lambda _dynamodb, _name: WINDOW)
        yield Region(REGION)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], list[RecoveryPoint]]:
    """What the vaults hold, by vault and resource."""
    held: dict[tuple[str, str], list[RecoveryPoint]] = {}
    monkeypatch.setattr(recovery_points, "list_points", lambda _backup, vault, resource: held.get((vault, resource), []))
    return held


def point(name: str, age: timedelta, **changes: Any) -> RecoveryPoint:
    values: dict[str, Any] = {"status": "COMPLETED", "resource_type": "RDS", "expires": None, "key_arn": None}
    return RecoveryPoint(arn=f"arn:aws:backup:{REGION}::{name}", created=NOW - age, **values | changes)


def planned(region: Region, route: Route, **asked: Any) -> Plan:
    return make_plan(DEV, region, Asked(route, **asked), now=NOW, made_by=OPERATOR).plan


def test_the_latest_is_settled_to_a_whole_second(region: Region) -> None:
    plan = planned(region, Route.MYSQL_TO_A_MOMENT, moment="latest")
    assert plan.moment == datetime(2026, 11, 23, 2, 56, tzinfo=UTC)
    assert (plan.source.name, plan.target.name) == (MYSQL, f"{MYSQL}-{plan.plan_id}")
    assert Plan.from_json(plan.as_json()) == plan
    assert plan.services == ("user", "client", "transaction", "ai")
    assert dict(plan.verification["changes"]["crm_users.users"]) == {"created": "created_at", "changed": "updated_at"}
    expected = {each.step: each.expected_seconds for each in plan.steps if each.expected_seconds is not None}
    assert expected == {Step.RESTORE: 3 * 3600, Step.VERIFY: 1800, Step.SWITCH: 900}
    assert plan.settings["at_restore"]["VpcSecurityGroupIds"] == ["sg-1"]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW, f"--at: 2026-11-23T03:00:00Z is after what {MYSQL} can be restored to: {SPAN}"),
        (NOW - 8 * 24 * HOUR, f"is before what {MYSQL} can be restored to: {SPAN}"),
        (None, f"--at TIME or --latest; it can be restored to {SPAN}"),
    ],
)
def test_a_moment_outside_shows_the_window(region: Region, moment: datetime | None, said: str) -> None:
    with pytest.raises(WrongSource) as refused:
        planned(region, Route.MYSQL_TO_A_MOMENT, moment=moment)
    assert said in str(refused.value)


def test_without_a_window_another_way_is_named(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "table_window", lambda _dynamodb, _name: Missing("there is no table"))
    with pytest.raises(NothingToRestore, match="there is no table; another way is dynamodb-from-recovery-point"):
        planned(region, Route.DYNAMODB_TO_A_MOMENT, moment="latest")


def test_the_store_in_use_is_what_is_restored_and_its_name_does_not_grow(region: Region) -> None:
    ssm = boto3.client("ssm", region_name=REGION)
    live = names.restored(TABLE, "r1a2b3c4d")
    ssm.put_parameter(Name=names.endpoint(DEV.prefix, "audit-logs"), Type="String", Value=f'{{"resource": "{live}"}}')
    plan = planned(region, Route.DYNAMODB_TO_A_MOMENT, moment=NOW - HOUR)
    assert (plan.source.name, plan.target.name) == (live, f"{TABLE}-{plan.plan_id}")
    assert plan.source.arn.endswith(f":table/{live}")
    assert plan.verification == {"written_at": "timestamp"}


def test_the_newest_usable_point_of_both_vaults_is_taken_and_what_was_passed_over_is_told(
    region: Region, listed: dict[tuple[str, str], list[RecoveryPoint]]
) -> None:
    here, there = (names.store_arn("mysql", each, DEV.account, MYSQL) for each in (REGION, DEV.regions.recovery))
    listed[OWN, here] = [point("future", -HOUR), point("partial", HOUR, status="PARTIAL"), point("own", 5 * HOUR)]
    listed[COPIES, there] = [point("copy", 3 * HOUR)]
    made = make_plan(DEV, region, Asked(Route.MYSQL_FROM_RECOVERY_POINT), now=NOW, made_by=OPERATOR)
    chosen = made.plan.recovery_point
    assert chosen is not None
    assert (chosen.arn, chosen.vault, chosen.created) == (point("copy", HOUR).arn, COPIES, NOW - 3 * HOUR)
    assert made.plan.moment is None
    assert any("partial of 2026-11-23T02:00:00Z: its status is PARTIAL" in note for note in made.notes)
    assert "no manifest of its moment" in made.notes[-1]

    given = planned(region, Route.MYSQL_FROM_RECOVERY_POINT, point=point("own", HOUR).arn).recovery_point
    assert given is not None
    assert given.vault == OWN


def test_a_given_point_must_be_there_of_this_store_and_usable(
    region: Region, listed: dict[tuple[str, str], list[RecoveryPoint]]
) -> None:
    here = names.store_arn("mysql", REGION, DEV.account, MYSQL)
    listed[OWN, here] = [point("expired", HOUR, expires=NOW)]
    with pytest.raises(WrongSource, match=f"is no recovery point of mysql in {OWN} or {COPIES} in {REGION}"):
        planned(region, Route.MYSQL_FROM_RECOVERY_POINT, point="arn:aws:backup:other")
    with pytest.raises(WrongSource, match="it expired at"):
        planned(region, Route.MYSQL_FROM_RECOVERY_POINT, point=point("expired", HOUR).arn)
    with pytest.raises(NothingToRestore, match="no usable recovery point of mysql"):
        planned(region, Route.MYSQL_FROM_RECOVERY_POINT)


@pytest.mark.parametrize(
    ("route", "asked", "said"),
    [
        (Route.MYSQL_TO_A_MOMENT, {"point": "arn"}, "--recovery-point: mysql-to-a-moment takes a moment"),
        (Route.MYSQL_FROM_RECOVERY_POINT, {"moment": "latest"}, "takes a recovery point"),
        (Route.MYSQL_TO_A_MOMENT, {"mode": Mode.REPAIR}, "--mode: found repair; allowed for mysql-to-a-moment: switch, beside"),
        (Route.DYNAMODB_TO_A_MOMENT, {"mode": Mode.REPAIR, "drill": True}, "leaves the live table alone"),
        (Route.MYSQL_TO_A_MOMENT, {"store": "audit-logs"}, "--store: found 'audit-logs'; allowed for mysql-to-a-moment: mysql"),
    ],
)
def test_what_does_not_fit_is_refused(region: Region, route: Route, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotPlan) as refused:
        planned(region, route, **asked)
    assert said in str(refused.value)


def test_a_drill_stays_beside_and_is_marked(region: Region) -> None:
    plan = planned(region, Route.MYSQL_TO_A_MOMENT, moment="latest", drill=True)
    assert (plan.mode, plan.drill) == (Mode.BESIDE, True)
    assert plan.settings["tags"][names.DRILL_TAG] == "true"
    assert plan.settings["at_restore"]["DeletionProtection"] is False
    assert Step.SWITCH not in {each.step for each in plan.steps}
    assert plan.settings["at_restore"]["VpcSecurityGroupIds"] == ["sg-drill"], "where no service can reach it"
    assert plan.settings["at_restore"]["DBSubnetGroupName"] == names.drill_subnet_group(DEV.prefix)


def test_two_plans_never_share_an_id() -> None:
    assert len({planner.new_id() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2h ago", NOW - 2 * HOUR),
        ("90 minutes ago", NOW - HOUR * 1.5),
        ("1 day 4 hours ago", NOW - 28 * HOUR),
        ("1d4h30m ago", NOW - 28.5 * HOUR),
        ("2026-11-23T10:00+08:00", NOW - HOUR),
    ],
)
def test_a_moment_is_a_time_with_a_zone_or_an_age(text: str, found: datetime) -> None:
    assert moment_or_age(text, NOW) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-23T03:00", "without a zone; say which: 2026-11-23T03:00:00+00:00 (UTC) or 2026-11-23T03:00:00"),
        ("yesterday", "found 'yesterday'; allowed: a moment such as 2026-11-23T03:00Z, or `2h ago`"),
        ("2 fortnights ago", "allowed: a moment"),
        ("2h", "allowed: a moment"),
        ("99999999999 days ago", "before all calendars"),
    ],
)
def test_any_other_moment_is_refused(text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        moment_or_age(text, NOW)
    assert said in refused.value.message
    assert refused.value.message.startswith("--at: ")


@pytest.mark.proves("region-loss.bad-night")
def test_half_a_copy_is_no_source_of_a_lost_store_and_is_said(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, half = point("whole", 13 * HOUR), point("half", HOUR, status="CREATING")
    held = {OWN: [], COPIES: [half, whole]}
    monkeypatch.setattr(recovery_points, "list_named", lambda _backup, vault, **_of: held[vault])
    store = next(each for each in DEV.stores if each.name == "mysql")
    usable, passed_over = sources.usable_points(DEV, region, store, now=NOW, until=NOW)
    assert [each.arn for each in usable] == [whole.arn]
    assert passed_over == [f"passed over the newer {half.arn} of 2026-11-23T02:00:00Z: its status is CREATING"]


@pytest.mark.parametrize(("serving", "used"), [(REGION, "stale"), ("elsewhere", "whole")])
def test_what_the_old_store_was_backed_up_to_while_traffic_was_elsewhere_is_no_source(
    region: Region, monkeypatch: pytest.MonkeyPatch, serving: str, used: str
) -> None:
    """Its data is older than the copies of the region that served, however new the backup is."""
    write(region.client("ssm"), names.switch(DEV.prefix), Record(serving, NOW - 20 * HOUR, "r1a2b3c4d", "somebody"))
    before, stale = (replace(point(name, age), region=REGION) for name, age in (("before", 30 * HOUR), ("stale", HOUR)))
    held = {OWN: [stale, before], COPIES: [replace(point("whole", 13 * HOUR), region="elsewhere")]}
    monkeypatch.setattr(recovery_points, "list_named", lambda _backup, vault, **_of: held[vault])
    usable, passed_over = sources.usable_points(DEV, region, DEV.store("mysql"), now=NOW, until=NOW)
    assert usable[0].arn == point(used, HOUR).arn
    assert usable[-1].arn == before.arn
    assert passed_over == (
        [] if used == "stale" else [f"passed over the newer {stale.arn} of 2026-11-23T02:00:00Z: {sources._STALE}"]
    )


def test_a_store_that_was_adopted_is_found_by_the_name_that_its_copies_bear(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def listed(_backup: object, _vault: str, *, kind: str, name: str) -> list[recovery_points.RecoveryPoint]:  # noqa: ARG001
        asked.append(name)
        return []

    monkeypatch.setattr(recovery_points, "list_named", listed)
    adopted = DEV.store("mysql").model_copy(update={"identifier": f"{MYSQL}-r1a2b3c4d"})
    sources.usable_points(DEV, region, adopted, now=NOW, until=NOW)
    assert set(asked) == {MYSQL}

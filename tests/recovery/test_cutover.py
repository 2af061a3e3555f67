"""The switch, its metric, the fence's decision, and the guard: from the record to what each region does with it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from recovery.cutover.beat import Beat
from recovery.cutover.metric import NOTED_FOR, claims
from recovery.cutover.switch import Record, latest, note, read, write
from recovery.cutover.takeover import Taking
from recovery.cutover.takeover import note as note_taking
from recovery.cutover.takeover import read as read_taking
from recovery.fence.decision import GAP, Action, Seen, decide
from recovery.fence.region import Fenced
from recovery.handlers import activation_guard, fence_region, publish_switch, throw_switch
from recovery.handlers.activation_guard import TrafficIsHere, refuse
from strategy.catalogue import names
from strategy.contracts.cutover import ActivationProperties
from tests.cutover import TABLE

PREFIX = "bank"
HOME, OTHER = "ap-southeast-1", "ap-southeast-2"
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAME = names.switch(PREFIX)


def record(serving: str, *, ago: timedelta = MINUTE, noted: datetime | None = None) -> Record:
    return Record(serving=serving, since=NOW - ago, plan_id="r12345678", by="somebody", noted=noted)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": OTHER,
        "AWS_DEFAULT_REGION": OTHER,
        "PREFIX": PREFIX,
        "HOME_REGION": HOME,
        "OTHER_REGION": HOME,
        "REGIONS": json.dumps([HOME, OTHER]),
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield lambda service, region=OTHER: boto3.client(service, region_name=region)


# ---------------------------------------------------------------------- the switch
def test_throwing_twice_changes_nothing(aws: Any) -> None:
    first = throw_switch.handler({"serving": OTHER, "plan_id": "r1", "by": "one"}, None)
    again = throw_switch.handler({"serving": OTHER, "plan_id": "r2", "by": "two"}, None)
    assert first["before"] is None
    assert first["changed"]
    assert again == {"before": first["now"], "now": first["now"], "changed": False}
    assert read(aws("ssm"), NAME) == Record.from_json(json.dumps(first["now"]))


def test_throwing_publishes_at_once(aws: Any) -> None:
    throw_switch.handler({"serving": OTHER, "plan_id": "r1", "by": "one"}, None)
    (metric,) = aws("cloudwatch").list_metrics(Namespace=names.switch_namespace(PREFIX))["Metrics"]
    assert metric["MetricName"] == names.SWITCH_METRIC


def test_a_region_that_is_none_of_the_two_is_refused(aws: Any) -> None:
    with pytest.raises(ValueError, match="serving: found 'mars'; allowed: ap-southeast-1, ap-southeast-2"):
        throw_switch.handler({"serving": "mars", "plan_id": "r1", "by": "one"}, None)
    assert read(aws("ssm"), NAME) is None


def test_a_later_record_is_taken_over_and_an_older_is_not(aws: Any) -> None:
    ssm, old, new = aws("ssm"), record(OTHER, ago=2 * MINUTE), record(HOME)
    assert note(ssm, NAME, old, new, NOW) == replace(new, noted=NOW)
    assert read(ssm, NAME) == replace(new, noted=NOW)
    assert note(ssm, NAME, new, old, NOW) is new
    assert latest(None, None) is None


def test_what_is_no_record_is_not_taken_for_one(aws: Any) -> None:
    aws("ssm").put_parameter(Name=NAME, Value="{}", Type="String")
    with pytest.raises(ValueError, match="the switch holds no record"):
        read(aws("ssm"), NAME)


# ---------------------------------------------------------------------- the metric
class World:
    """Two regions, each of which publishes as its function does; one may be gone."""

    def __init__(self) -> None:
        self.records: dict[str, Record | None] = {HOME: None, OTHER: None}
        self.gone: set[str] = set()
        self.known: Literal[0, 1] | None = 0
        self.now = NOW

    def throw(self, region: str) -> None:
        self.records[region] = Record(serving=region, since=self.now, plan_id="r1", by="one")

    def serves(self, minutes: int = 1) -> str:
        """As the truth table says of the metrics after so many minutes."""
        for _ in range(minutes):
            metrics: dict[str, Literal[0, 1] | None] = {HOME: None, OTHER: None}
            for here, there in ((OTHER, HOME), (HOME, OTHER)):
                if here not in self.gone:
                    asked = None if there in self.gone else self.records[there]
                    own, holds = self.records[here], latest(self.records[here], asked)
                    if holds is not None and (own is None or holds.since > own.since):
                        self.records[here] = replace(holds, noted=self.now)
                    metrics[here] = 1 if claims(here, HOME, self.records[here], asked, self.now) else 0
            self.now += MINUTE
            row = next(
                row
                for row in TABLE
                if (row.home, row.other) == (metrics[HOME], metrics[OTHER])
                and (metrics[OTHER] is not None or row.before == self.known)
            )
            if metrics[OTHER] is not None:
                self.known = metrics[OTHER]
        return row.serves


@pytest.mark.proves("region-loss.traffic-switch")
def test_a_night_and_the_way_back() -> None:
    world = World()
    assert world.serves() == "home"
    world.gone = {HOME}
    assert world.serves() == "home", "nobody has decided yet"
    world.throw(OTHER)
    assert world.serves() == "other"
    world.gone = set()
    assert world.serves(10) == "other", "a region that returns takes no traffic"
    world.throw(HOME)
    assert world.serves() == "home"
    assert world.serves(10) == "home"
    world.gone = {HOME}
    world.throw(OTHER)
    assert world.serves() == "other", "one write is enough, a second time"


def test_home_takes_traffic_back_from_a_region_that_is_gone_and_may_lose_it_again() -> None:
    world = World()
    world.throw(OTHER)
    assert world.serves(3) == "other"
    world.gone = {OTHER}
    assert world.serves(3) == "other"
    world.throw(HOME)
    assert world.serves(30) == "home"
    world.gone = set()
    assert world.serves(30) == "home"
    world.throw(OTHER)
    assert world.serves() == "other"


def test_the_claim_of_home_ends_only_when_the_other_region_knows() -> None:
    own = record(HOME, ago=10 * MINUTE)
    noted = replace(own, noted=NOW - NOTED_FOR)
    assert claims(HOME, HOME, own, None, NOW)
    assert claims(HOME, HOME, own, replace(noted, noted=NOW - MINUTE), NOW)
    assert not claims(HOME, HOME, own, noted, NOW)
    assert claims(OTHER, HOME, record(OTHER), record(OTHER), NOW)


def test_a_region_that_does_not_answer_keeps_nobody_from_publishing(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_service: str, _region: str) -> Any:
        raise ClientError({"Error": {"Code": "Unreachable", "Message": "gone"}}, "GetParameter")

    monkeypatch.setattr(publish_switch, "remote", unreachable)
    write(aws("ssm"), NAME, record(OTHER))
    assert publish_switch.handler({}, None) == {"claimed": True, "serving": OTHER}


# ---------------------------------------------------------------------- the fence
def beat(*, closed: bool = False, ago: timedelta = MINUTE, changed: timedelta = timedelta(hours=9), **more: Any) -> Beat:
    return Beat(at=NOW - ago, closed=closed, changed=NOW - changed, **more)


_UNREAD = "unread"
_LONG = GAP + MINUTE


def taken(lost: str = HOME, *, ago: timedelta = 5 * MINUTE) -> Taking:
    return Taking(lost, NOW - ago, "r1a2b3c4d")


@pytest.mark.proves("region-loss.fence")
@pytest.mark.parametrize(
    ("own", "other", "last", "taking", "action"),
    [
        (None, None, beat(ago=_LONG), taken(), Action.CLOSE),
        (None, None, beat(closed=True), taken(), Action.CLOSE),
        (None, None, beat(), taken(), Action.KEEP),  # it runs, and was never away: somebody else's mistake
        (None, None, None, taken(), Action.KEEP),
        (None, None, beat(ago=_LONG), taken(OTHER), Action.KEEP),
        (None, None, beat(ago=_LONG), taken(ago=timedelta(days=4)), Action.KEEP),
        (record(HOME, ago=timedelta(days=9)), None, beat(ago=_LONG), taken(), Action.CLOSE),
        (record(HOME, ago=MINUTE), None, beat(closed=True), taken(), Action.OPEN),  # by somebody who decided against it
        (record(HOME, ago=MINUTE), None, beat(ago=_LONG), taken(), Action.OPEN),
        (None, record(OTHER, ago=MINUTE), beat(ago=_LONG), taken(), Action.CLOSE),
    ],
)
def test_a_region_that_returns_while_it_is_recovered_elsewhere_stays_closed(
    own: Any, other: Any, last: Beat | None, taking: Taking, action: Action
) -> None:
    assert decide(Seen(HOME, NOW, own, True, other, True, last, taking)).action is action


def handed(*, ago: timedelta = 5 * MINUTE) -> Taking:
    return Taking(HOME, NOW - ago, "handover-1", planned=True)


@pytest.mark.parametrize(
    ("own", "other", "last", "taking", "action"),
    [
        (None, None, beat(), handed(), Action.CLOSE),  # it runs, and was never away: it is closed on purpose
        (record(HOME, ago=timedelta(days=9)), None, beat(), handed(), Action.CLOSE),
        (record(HOME, ago=timedelta(days=9)), None, beat(closed=True), handed(), Action.CLOSE),
        (record(HOME, ago=timedelta(days=9)), None, beat(closed=True), None, Action.OPEN),  # taken back
        (record(HOME, ago=timedelta(days=9)), None, beat(closed=True), taken(), Action.CLOSE),  # the recovery has begun
        (record(HOME, ago=MINUTE), None, beat(), handed(), Action.OPEN),  # the switch was thrown since
        (None, None, beat(), handed(ago=timedelta(days=4)), Action.KEEP),  # given up, and forgotten
    ],
)
def test_a_region_that_is_handed_over_closes_itself_though_it_runs(
    own: Any, other: Any, last: Beat | None, taking: Taking | None, action: Action
) -> None:
    assert decide(Seen(HOME, NOW, own, True, other, True, last, taking)).action is action


def test_a_recovery_is_noted_once_and_survives_nonsense(aws: Any) -> None:
    ssm, name = aws("ssm"), "/bank/cutover/taking"
    assert read_taking(ssm, name) is None
    first = taken(ago=9 * MINUTE)
    note_taking(ssm, name, first)
    note_taking(ssm, name, taken())
    assert read_taking(ssm, name) == first
    ssm.put_parameter(Name=name, Value="on", Type="String", Overwrite=True)
    with pytest.raises(ValueError, match="does not say who is recovered"):
        read_taking(ssm, name)
    note_taking(ssm, name, taken())
    assert read_taking(ssm, name) == taken()


@pytest.mark.proves("region-loss.fence")
@pytest.mark.parametrize(
    ("own", "other", "last", "action"),
    [
        (None, None, None, Action.KEEP),
        (None, None, beat(), Action.KEEP),
        (None, None, beat(ago=_LONG), Action.KEEP),
        (None, None, beat(closed=True), Action.OPEN),
        (None, _UNREAD, beat(), Action.KEEP),
        (None, _UNREAD, beat(ago=_LONG), Action.CLOSE),
        (_UNREAD, _UNREAD, beat(), Action.KEEP),
        (_UNREAD, _UNREAD, beat(ago=_LONG), Action.CLOSE),
        (_UNREAD, _UNREAD, beat(closed=True), Action.KEEP),
        (record(HOME), None, beat(), Action.OPEN),
        (record(HOME), None, beat(closed=True), Action.OPEN),
        (record(HOME), record(OTHER, ago=2 * MINUTE), beat(), Action.OPEN),
        (record(HOME, ago=2 * MINUTE), record(OTHER), beat(), Action.CLOSE),
        (None, record(OTHER), beat(), Action.CLOSE),
        (_UNREAD, record(OTHER), beat(), Action.CLOSE),
        (record(OTHER), _UNREAD, beat(), Action.CLOSE),
        (record(HOME, ago=timedelta(days=9)), _UNREAD, beat(), Action.KEEP),
        (record(HOME, ago=timedelta(days=9)), _UNREAD, beat(ago=_LONG), Action.CLOSE),
        (record(HOME, ago=timedelta(days=9)), _UNREAD, beat(closed=True), Action.KEEP),
        (record(HOME, ago=timedelta(days=9)), record(HOME, ago=timedelta(days=9)), beat(closed=True), Action.OPEN),
        (record(HOME), _UNREAD, beat(closed=True), Action.OPEN),
        (record(HOME, noted=NOW), _UNREAD, beat(closed=True), Action.KEEP),
        (record(OTHER), None, beat(opened=NOW), Action.KEEP),
        (record(OTHER), None, beat(opened=NOW - timedelta(hours=9)), Action.CLOSE),
        (record(OTHER, ago=timedelta(days=9)), None, beat(opened=NOW - timedelta(hours=4)), Action.KEEP),
        (record(OTHER, ago=timedelta(days=9)), None, beat(opened=NOW - timedelta(hours=6)), Action.CLOSE),  # a drill, or given up
    ],
)
def test_a_region_decides(own: Any, other: Any, last: Beat | None, action: Action) -> None:
    """Of the home region; `unread` is a switch that could not be read, None one that was never written."""
    seen = Seen(
        here=HOME,
        now=NOW,
        own=None if own is _UNREAD else own,
        own_read=own is not _UNREAD,
        other=None if other is _UNREAD else other,
        other_read=other is not _UNREAD,
        last=last,
    )
    decision = decide(seen)
    assert decision.action is action
    assert decision.because


def world_may_reach(ec2: Any, group: str) -> list[int]:
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return sorted(rule["FromPort"] for rule in found["IpPermissions"] if {"0.0.0.0/0"} & {r["CidrIp"] for r in rule["IpRanges"]})


class Database:
    """Stands for the function inside the VPC, and for the instance."""

    def __init__(self, aws: Any) -> None:
        self._aws = aws
        self.asked: list[tuple[str, list[str]]] = []
        self.fails = ""

    def client(self, service: str) -> Any:
        return self if service in {"rds", "lambda", "secretsmanager"} else self._aws(service)

    def describe_db_instances(self, **_named: Any) -> Any:
        endpoint = {"Address": "db.example", "Port": 3306}
        return {"DBInstances": [{"DBInstanceStatus": "available", "Endpoint": endpoint}]}

    def get_secret_value(self, SecretId: str) -> Any:  # noqa: N803  AWS's spelling
        assert SecretId == names.database_secret(PREFIX, "mysql")
        return {"SecretString": json.dumps({"username": "admin", "password": "not told"})}

    def invoke(self, Payload: bytes, **_named: Any) -> Any:  # noqa: N803  AWS's spelling
        request = json.loads(Payload)
        self.asked.append((request["action"], request["users"]))
        if self.fails:
            said = {"errorType": self.fails, "errorMessage": "it does not answer"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}
        answer: dict[str, Any] = {"accounts": []} | ({"last_write": {}} if request["action"] == "fence" else {})
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def region(aws: Any) -> tuple[Fenced, Any, Database]:
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="balancer", Description="the load balancer")["GroupId"]
    aws("ssm").put_parameter(Name=names.endpoint(PREFIX, "mysql"), Value='{"resource": "bank-mysql"}', Type="String")
    database = Database(aws)
    return Fenced(PREFIX, group, [80, 443], {"mysql": ["user"]}, database.client), ec2, database


@pytest.mark.proves("region-loss.fence")
def test_closing_shuts_the_world_out_and_opening_lets_it_in(region: tuple[Fenced, Any, Database]) -> None:
    fenced, ec2, database = region
    for _ in range(2):  # again changes nothing
        assert fenced.open() == []
        assert world_may_reach(ec2, fenced.group) == [80, 443]
    for _ in range(2):
        assert fenced.close() == []
        assert world_may_reach(ec2, fenced.group) == []
    assert database.asked == [("lift", ["user_service"])] * 2 + [("fence", ["user_service"])] * 2


def test_a_database_that_does_not_answer_is_said_and_keeps_no_door_open(region: tuple[Fenced, Any, Database]) -> None:
    fenced, ec2, database = region
    fenced.open()
    database.fails = "DatabaseUnreachable"
    assert fenced.close() == ["mysql: it does not answer"]
    assert world_may_reach(ec2, fenced.group) == []


def test_the_function_closes_keeps_its_heartbeat_and_opens_for_a_recovery(
    aws: Any, region: tuple[Fenced, Any, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    fenced, ec2, database = region
    for name, value in {"BALANCER_SECURITY_GROUP": fenced.group, "PORTS": "[80]", "DATABASES": '{"mysql": ["user"]}'}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(fence_region, "client", database.client)
    fenced.open()
    write(aws("ssm", HOME), NAME, replace(record(HOME), since=datetime.now(UTC) - MINUTE))
    closed = fence_region.handler({}, None)
    assert (closed["action"], closed["closed"]) == ("close", True)
    assert world_may_reach(ec2, fenced.group) == [443], "what is not ours to open is not ours to close"
    opened = fence_region.handler({"action": "open", "plan_id": "r12345678"}, None)
    assert (opened["action"], opened["closed"]) == ("open", False)
    assert world_may_reach(ec2, fenced.group) == [80, 443]
    assert fence_region.handler({}, None)["action"] == "keep", "until the cutover"
    assert Beat.from_json(aws("ssm").get_parameter(Name=names.heartbeat(PREFIX))["Parameter"]["Value"]).opened


# ---------------------------------------------------------------------- the guard
@pytest.mark.proves("recovery-region.deactivation-guard")
@pytest.mark.parametrize(("home", "serving"), [("true", None), ("false", OTHER), ("true", OTHER)])
def test_a_region_with_traffic_refuses_to_be_deactivated(aws: Any, home: str, serving: str | None) -> None:
    if serving:
        write(aws("ssm"), NAME, record(serving))
    with pytest.raises(TrafficIsHere, match="traffic is in ap-southeast-2: cut over to the other region"):
        refuse(aws("ssm"), ActivationProperties(Activated="false", Switch=NAME, Home=home), OTHER)


@pytest.mark.parametrize(("home", "serving"), [("false", None), ("true", HOME), ("false", HOME)])
def test_a_region_without_traffic_may_be_deactivated(aws: Any, home: str, serving: str | None) -> None:
    if serving:
        write(aws("ssm"), NAME, record(serving))
    refuse(aws("ssm"), ActivationProperties(Activated="false", Switch=NAME, Home=home), OTHER)


@pytest.mark.usefixtures("aws")
def test_the_guard_looks_only_when_a_workload_would_go() -> None:
    on, off = ({"Activated": each, "Switch": NAME, "Home": "true"} for each in ("true", "false"))
    activation_guard.act({"RequestType": "Create", "ResourceProperties": off})
    activation_guard.act({"RequestType": "Update", "ResourceProperties": on, "OldResourceProperties": off})
    with pytest.raises(TrafficIsHere):
        activation_guard.act({"RequestType": "Update", "ResourceProperties": off, "OldResourceProperties": on})

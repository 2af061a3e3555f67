"""The smoke test and the watch: what passes, and everything that does not, each by its own words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from recovery.cutover.switch import Record
from recovery.region.http_probe import Answer, ask
from recovery.region.smoke_test import NothingToTest, smoke
from recovery.region.watch import AT_LEAST, GOOD_IN_A_ROW, TrafficMoved, watch
from strategy.catalogue import names
from strategy.contracts.region import ServiceCheck, WatchAnswer
from tests.recovery.fake_night import DEV, refused
from tests.recovery.region_night import HERE, LOST, region_plan

PLAN = region_plan()
CHECKS = {"user": ServiceCheck(health="/health", read="/stores", stores=("mysql", "audit-logs"))}
ADDRESS = "http://b.example/user"
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def up(*stores: str, status: str = "UP") -> Answer:
    return Answer(200, json.dumps({"status": "UP", "components": {each: {"status": status} for each in stores}}).encode())


WELL = {f"{ADDRESS}/health": up(), f"{ADDRESS}/stores": up("mysql", "audit-logs")}


class Region:
    """What SSM and CloudWatch of the recovery region answer."""

    def __init__(self) -> None:
        self.parameters = {names.service_address(DEV.prefix, "user"): ADDRESS}
        self.published: list[tuple[datetime, float]] = [(NOW, 1.0)]
        self.throw(HERE)

    def throw(self, region: str) -> None:
        record = Record(region, NOW - MINUTE, PLAN.plan_id, "somebody")
        self.parameters[names.switch(DEV.prefix)] = record.to_json()

    def __call__(self, service: str) -> Any:
        return {"ssm": self, "cloudwatch": self}[service]

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        if Name not in self.parameters:
            raise refused("ParameterNotFound")
        return {"Parameter": {"Value": self.parameters[Name]}}

    def get_metric_statistics(self, *, StartTime: datetime, EndTime: datetime, **asked: Any) -> dict[str, Any]:  # noqa: N803
        assert (asked["MetricName"], asked["Period"]) == (names.SWITCH_METRIC, 60)
        found = [(at, value) for at, value in self.published if StartTime <= at < EndTime]
        return {"Datapoints": [{"Timestamp": at, "Maximum": value} for at, value in found]}


def smoked(answers: dict[str, Answer], region: Region | None = None) -> dict[str, Any]:
    return smoke(PLAN, ["user"], CHECKS, region or Region(), lambda address: answers[address]).to_json()


# ---------------------------------------------------------------------- the smoke test
def test_a_service_that_answers_and_has_read_its_stores_passes() -> None:
    assert smoked(WELL) == {
        "done": True,
        "waiting_for": "",
        "because": "",
        "services": [{"service": "user", "address": ADDRESS, "health": "passed", "read": "passed"}],
    }


@pytest.mark.proves("region-loss.smoke-test")
@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("health", Answer(503), "user: health: HTTP status 503"),
        ("health", Answer(301), "user: health: HTTP status 301"),
        ("health", Answer(0, trouble="timed out"), "user: health: no answer: timed out"),
        ("health", Answer(200, b"<html>a parked page</html>"), "user: health: it does not say that it is up"),
        ("health", Answer(200, b'{"status": "DOWN"}'), "user: health: it does not say that it is up"),
        ("stores", Answer(500), "user: read: HTTP status 500"),
        ("stores", Answer(200, b'{"status": "UP"}'), "user: read: it does not say that it has read mysql, audit-logs"),
        ("stores", up("mysql"), "user: read: it does not say that it has read audit-logs"),
        ("stores", up("mysql", "audit-logs", status="DOWN"), "user: read: it does not say that it has read mysql, audit-logs"),
        ("stores", Answer(200, b'{"status": "UP", "components": ["mysql"]}'), "read: it does not say that it has read mysql"),
    ],
)
def test_what_does_not_pass_is_waited_for_by_name(path: str, answer: Answer, said: str) -> None:
    found = smoked(WELL | {f"{ADDRESS}/{path}": answer})
    assert found["done"] is False
    assert said in found["waiting_for"]


def test_a_service_without_an_address_does_not_pass() -> None:
    region = Region()
    del region.parameters[names.service_address(DEV.prefix, "user")]
    found = smoked(WELL, region)
    assert found["done"] is False
    assert "its address is not known" in found["waiting_for"]


@pytest.mark.proves("region-loss.smoke-test")
def test_services_that_are_not_installed_are_not_taken_for_tested() -> None:
    with pytest.raises(NothingToTest, match="user: not installed in"):
        smoke(PLAN, [], CHECKS, Region(), lambda address: WELL[address])


def test_a_strategy_without_services_says_that_nothing_was_tested() -> None:
    found = smoke(region_plan(services=()), [], {}, Region(), lambda address: WELL[address]).to_json()
    assert (found["done"], found["because"]) == (True, "the strategy names no service")


def test_what_a_service_answers_is_not_kept() -> None:
    secret = b'{"status": "UP", "components": {"mysql": {"status": "UP"}}, "client": "Tan Ah Kow"}'
    assert "Tan Ah Kow" not in json.dumps(smoked(WELL | {f"{ADDRESS}/stores": Answer(200, secret)}))


# ---------------------------------------------------------------------- the watch
def look(region: Region, *, so_far: dict[str, Any], now: datetime, home: bool = False, answers: Any = WELL) -> dict[str, Any]:
    plan_answers = dict(answers)
    seen = WatchAnswer.from_json(so_far) if so_far else None
    found = watch(PLAN, ["user"], CHECKS, region, lambda address: plan_answers[address], home=home, so_far=seen, now=now)
    return found.to_json()


def watched(region: Region, minutes: int, *, bad: range = range(0), home: bool = False) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for minute in range(minutes):
        now = NOW + minute * MINUTE
        region.published.append((now, region.published[-1][1]))
        answers = WELL | {f"{ADDRESS}/health": Answer(503)} if minute in bad else WELL
        seen = look(region, so_far=seen, now=now, home=home, answers=answers)
        if seen["done"]:
            break
    return seen


@pytest.mark.proves("region-loss.cutover")
def test_it_is_watched_for_ten_minutes_and_what_was_seen_is_kept() -> None:
    seen = watched(Region(), 60)
    assert datetime.fromisoformat(seen["to"]) - datetime.fromisoformat(seen["from"]) == AT_LEAST
    assert (seen["looks"], seen["up"], seen["down"], seen["claims"], seen["troubles"]) == (11, {"user": 11}, {}, [1], [])


def test_trouble_is_kept_and_must_be_over_for_a_while() -> None:
    seen = watched(Region(), 60, bad=range(9, 11))
    assert seen["done"] is True
    assert (seen["looks"], seen["down"]) == (11 + GOOD_IN_A_ROW, {"user": 2})
    assert [each.partition(" ")[2] for each in seen["troubles"]] == ["user: health: HTTP status 503"] * 2


def test_a_service_that_stays_down_is_never_done() -> None:
    seen = watched(Region(), 60, bad=range(60))
    assert (seen["done"], seen["looks"], seen["good_in_a_row"]) == (False, 60, 0)
    assert seen["waiting_for"] == "user: health: HTTP status 503"
    assert len(seen["troubles"]) == 20


def test_a_claim_that_is_published_no_longer_is_trouble() -> None:
    region = Region()
    region.published = [(NOW, 1.0)]
    seen = look(region, so_far={}, now=NOW + timedelta(minutes=6))
    assert seen["good_in_a_row"] == 0
    assert "was not published within the last 0:05:00" in seen["waiting_for"]


def test_a_region_that_publishes_that_it_claims_nothing_is_trouble_unless_it_is_home() -> None:
    """Home drops its claim by itself, when the other region has noted that it serves no longer."""
    region = Region()
    region.published = [(NOW, 0.0)]
    assert "claims no traffic" in look(region, so_far={}, now=NOW)["waiting_for"]
    assert look(region, so_far={}, now=NOW, home=True)["good_in_a_row"] == 1


@pytest.mark.proves("region-loss.cutover")
@pytest.mark.parametrize("thrown", [LOST, None])
def test_a_switch_that_somebody_throws_meanwhile_ends_the_watch(thrown: str | None) -> None:
    region = Region()
    if thrown:
        region.throw(thrown)
    else:
        del region.parameters[names.switch(DEV.prefix)]
    with pytest.raises(TrafficMoved, match=f"the switch of {HERE}"):
        look(region, so_far={}, now=NOW)


# ---------------------------------------------------------------------- asking
class _Bank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/up": 200, "/down": 503, "/away": 302}[self.path]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/up")
        self.end_headers()
        self.wfile.write(b'{"status": "UP"}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Bank) as bank:
        thread = threading.Thread(target=bank.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{bank.server_port}"
        bank.shutdown()
        thread.join()


def test_an_answer_is_its_status_and_its_body(server: str) -> None:
    assert ask(f"{server}/up") == Answer(200, b'{"status": "UP"}')
    assert ask(f"{server}/down") == Answer(503)


def test_a_redirect_is_not_followed(server: str) -> None:
    assert ask(f"{server}/away").status == 302


def test_what_cannot_be_asked_is_an_answer_too() -> None:
    with HTTPServer(("127.0.0.1", 0), _Bank) as closed:
        port = closed.server_port
    assert ask(f"http://127.0.0.1:{port}/up").trouble
    assert ask("file:///etc/passwd") == Answer(0, trouble="file:///etc/passwd is no address of the web")

"""What a person sees while `verify` reads, and what is asked of replicas."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from recovery.cli import verify_progress
from recovery.cli.verify_progress import Reading, lag_of

NOW = datetime.now(UTC)


class CloudWatch:
    """Knows some instances, and refuses others."""

    def __init__(self, **lags: list[float]) -> None:
        self.lags, self.asked = lags, list[str]()

    name = "ap-southeast-1"

    def client(self, service: str) -> Any:
        assert service == "cloudwatch"
        return self

    def get_metric_statistics(self, *, Dimensions: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        (dimension,) = Dimensions
        self.asked.append(dimension["Value"])
        if dimension["Value"] == "refused":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetMetricStatistics")
        points = self.lags.get(dimension["Value"], [])
        return {"Datapoints": [{"Timestamp": NOW - timedelta(minutes=n), "Maximum": each} for n, each in enumerate(points)]}


def lag(region: Any, *replicas: str, follows: bool = False) -> Any:
    described: dict[str, Any] = {"DBInstanceIdentifier": "itself", "ReadReplicaDBInstanceIdentifiers": list(replicas)}
    return lag_of(region, described | ({"ReadReplicaSourceDBInstanceIdentifier": "source"} if follows else {}))


def test_the_slowest_replica_counts_by_its_newest_word() -> None:
    region = CloudWatch(one=[3.0, 90.0], two=[7.0])
    asked = lag(region, "one", "two", "silent")
    assert asked() == 7.0
    assert asked() == 7.0
    assert region.asked == ["one", "two", "silent"], "once in half a minute"


def test_what_follows_another_is_asked_about_itself_and_where_nobody_follows_nobody_is_asked() -> None:
    region = CloudWatch(itself=[5.0])
    assert lag(region, follows=True)() == 5.0
    assert lag(region)() is None
    assert region.asked == ["itself"]


def test_who_may_not_ask_is_told_once_and_goes_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_progress, "_ASKED_EVERY", 0.0)
    asked = lag(CloudWatch(), "refused")
    assert (asked(), asked()) == (None, None)
    assert capsys.readouterr().err.count("how far refused may be behind is not known") == 1


@pytest.mark.parametrize("total", [1000, 10, None])
def test_a_terminal_shows_rows_their_speed_and_what_is_left(total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when there are more rows than were expected, or nobody knows how many."""
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr(verify_progress, "Console", lambda **_: terminal)
    with Reading().watching("copy", total, lambda: None) as watch:
        for _ in range(5):
            watch.read("crm_transactions.transactions", 100)
    shown = screen.getvalue()
    assert "copy" in shown
    assert "crm_transactions.transactions" in shown
    assert watch.rows == 500


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Reading().watching("copy", 10, lambda: None) as watch:
        watch.read("a.b", 5)
    assert capsys.readouterr() == ("", "")

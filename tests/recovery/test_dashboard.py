"""The dashboard: one body for CloudWatch and for the page, of metrics that somebody emits; readable by everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from recovery.dashboard import page
from recovery.dashboard.metric_data import Series, Shown, read
from recovery.dashboard.page import Dashboard
from recovery.pages import chart
from strategy import load
from strategy.catalogue import dashboard, metrics
from strategy.catalogue.alarm_table import table
from tests.browser import chromium, opened, violations
from tests.recovery.answers import Region

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
START = NOW - dashboard.LONG
STRATEGY = load("prod")
HERE, THERE = STRATEGY.regions.primary, STRATEGY.regions.recovery
WHERE = [(environment, role) for environment in ("dev", "staging", "prod") for role in ("primary", "recovery")]
BODY = dashboard.body(STRATEGY, HERE)


def emitted(environment: str, role: str) -> set[Any]:
    """By the table of metrics, for every value that the strategy's stores, kinds and vaults can give their dimensions."""
    strategy = load(environment)
    region = getattr(strategy.regions, role)
    found = {each.key for alarm in table(strategy, region) for each in alarm.metrics}
    digests = [each.name for each in metrics.DIGEST]
    found |= {metrics.digest(strategy.prefix, name, region, kind).key for name in digests for kind in metrics.JOB_KINDS}
    counted = [("BackupVaultName", f"{strategy.prefix}-{each}-vault") for each in ("backup", "copy")]
    counted += [("ResourceType", each) for each in ("RDS", "DynamoDB")]
    for kind in ("Backup", "Copy", "Restore"):
        for name, value in counted:
            found |= {metrics.backup_jobs(kind, state, **{name: value}).key for state in ("Completed", "Failed")}
    return found


@pytest.mark.proves("monitoring.dashboard")
@pytest.mark.parametrize(("environment", "role"), WHERE)
def test_every_metric_in_the_body_is_one_that_somebody_emits(environment: str, role: str) -> None:
    strategy = load(environment)
    shown = list(dashboard.read(dashboard.body(strategy, getattr(strategy.regions, role))))
    assert len(shown) > 15
    assert set(shown) <= emitted(environment, role)


@pytest.mark.parametrize(("environment", "role"), WHERE)
def test_the_body_is_one_that_cloudwatch_takes(environment: str, role: str) -> None:
    strategy = load(environment)
    region, other = getattr(strategy.regions, role), strategy.regions.other(getattr(strategy.regions, role))
    body = dashboard.body(strategy, region)
    taken: set[tuple[int, int]] = set()
    for widget in body["widgets"]:
        assert 0 < widget["width"] <= 24 - widget["x"]
        cells = {
            (widget["x"] + across, widget["y"] + down) for across in range(widget["width"]) for down in range(widget["height"])
        }
        assert not cells & taken, f"{widget} lies over another"
        taken |= cells
        ids = [each[-1]["id"] for each in widget["properties"].get("metrics", ()) if "id" in each[-1]]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[a-z]\w*", each) for each in ids)
    assert len(body["widgets"]) <= 500
    assert other not in dashboard.text(strategy, region), "a region's dashboard needs no other region"
    assert dashboard.text(strategy, region) == dashboard.text(strategy, region)


@pytest.mark.proves("monitoring.dashboard")
def test_every_age_stands_beside_the_promise_that_its_alarm_is_judged_by() -> None:
    limits = {each.metrics[0].key: each.threshold for each in table(STRATEGY, HERE) if each.cause in {"age", "late"}}
    seen = {}
    for widget in BODY["widgets"]:
        for each in dashboard.read({"widgets": [widget]}):
            if each in limits:
                (line,) = widget["properties"]["annotations"]["horizontal"]
                scale = 60 if widget["properties"]["title"].endswith("hours") else 1
                seen[each] = line["value"] * scale
    assert seen == limits


def answers(share: float, state: str = "OK", silent: bool = False) -> dict[Any, Any]:
    """A region whose every metric is `share` of what its first promise allows, and whose alarms are in `state`."""

    def measured(call: Any) -> dict[str, Any]:
        shown = [each["Id"] for each in call["MetricDataQueries"] if each["ReturnData"]]
        moments = [call["StartTime"] + timedelta(minutes=15) * step for step in range(672)]
        points = {"Timestamps": [] if silent else moments, "Values": [] if silent else [share] * len(moments)}
        return {"MetricDataResults": [{"Id": each, **points} for each in shown]}

    def alarms(call: Any) -> dict[str, Any]:
        return {
            "MetricAlarms": [
                {"AlarmName": each, "StateValue": state, "StateUpdatedTimestamp": NOW} for each in call["AlarmNames"]
            ]
        }

    return {("cloudwatch", "GetMetricData"): measured, ("cloudwatch", "DescribeAlarms"): alarms}


def made(answered: dict[Any, Any]) -> Dashboard:
    shown = tuple(read(BODY, Region(HERE, answered), START, NOW))  # type: ignore[arg-type]
    return Dashboard(STRATEGY, HERE, START, NOW, shown)


@pytest.mark.proves("monitoring.dashboard")
def test_what_is_measured_stands_beside_what_is_promised() -> None:
    found = {each.title: each for each in made(answers(5)).shown}
    age = found["mysql: age of point in time, minutes"]
    assert (age.newest, age.state) == (5, "kept")
    assert found["backup jobs of a day: success, percent"].state == "broken", "5 % is below what is promised"
    assert found["mysql: age of point in time, minutes"].promise is not None


def test_a_promise_that_is_broken_and_an_alarm_that_rings_are_named() -> None:
    found = made(answers(1_000, "ALARM"))
    assert "mysql: age of point in time, minutes: broken" in found.broken
    assert f"{STRATEGY.prefix}-monitor-silent is in alarm" in found.broken
    assert found.state == "bad"


def test_what_was_broken_and_is_kept_again_is_not_passed_over() -> None:
    promised = {
        "annotations": {"horizontal": [{"value": 10, "label": "at most 10", "fill": "above"}]},
        "period": 900,
        "title": "x",
    }
    shown = Shown("metric", promised, 8, (Series("measured", ((START, 5.0), (START + timedelta(hours=1), 11.0), (NOW, 5.0))),))
    assert (shown.state, shown.was_broken) == ("kept", True)


@pytest.mark.proves("monitoring.dashboard")
def test_silence_is_never_kept() -> None:
    found = made(answers(0, silent=True))
    assert not any(each.state == "kept" for each in found.shown)
    assert found.state == "open"
    assert page.render(found).count("nothing was measured") > 10


def test_what_was_refused_is_said_in_its_place() -> None:
    found = made(answers(5) | {("cloudwatch", "DescribeAlarms"): "AccessDenied"})
    assert any(each.startswith("Alarms now: ") for each in found.unknown)
    assert "AccessDenied" in page.render(found)


def test_a_line_is_broken_where_nothing_was_measured() -> None:
    points = [(START + timedelta(minutes=15) * step, 1.0) for step in (0, 1, 2, 30, 31, 90)]
    shown = Shown("metric", {"period": 900, "title": "x"}, 8, (Series("measured", tuple(points)),))
    (line,) = page.chart(shown, START, NOW).lines
    assert (len(line.strokes), len(line.dots)) == (2, 1)


@pytest.mark.parametrize("most", [0, 0.4, 9.9, 10, 847, 100_000])
def test_a_chart_has_room_for_all_that_it_shows(most: float) -> None:
    properties = {
        "period": 900,
        "title": "x",
        "annotations": {"horizontal": [{"value": most / 2, "label": "p", "fill": "above"}]},
    }
    shown = Shown("metric", properties, 8, (Series("measured", ((START, 0.0), (NOW, float(most)))),))
    drawn = page.chart(shown, START, NOW)
    heights = [y for _, y in drawn.ticks]
    assert all(one > other for one, other in pairwise(heights))
    assert drawn.limit is not None
    assert chart.TOP <= drawn.limit[1] <= chart.HEIGHT - chart.BOTTOM
    dots = [float(place.split(",")[1]) for line in drawn.lines for stroke in line.strokes for place in stroke.split()]
    assert all(chart.TOP <= each <= chart.HEIGHT for each in dots)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dashboard")
    for name, each in {"well": answers(5), "bad": answers(1_000, "ALARM"), "silent": answers(0, silent=True)}.items():
        (folder / f"{name}.html").write_text(page.render(made(each)), encoding="utf-8")
    return {each.stem: each for each in folder.iterdir()}


@pytest.mark.proves("monitoring.dashboard")
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["well", "bad", "silent"])
def test_it_is_quiet_alone_and_clean(browser: Browser, pages: dict[str, Path], kind: str, scheme: str) -> None:
    with opened(browser, pages[kind], color_scheme=scheme, viewport={"width": 1280, "height": 900}) as (shown, wrong):
        assert violations(shown) == []
        assert wrong == []


@pytest.mark.xdist_group("browser")
def test_a_narrow_screen_does_not_scroll_sideways_and_every_picture_has_words(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["well"], viewport={"width": 390, "height": 844}) as (shown, _):
        assert shown.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        words = shown.eval_on_selector_all("svg", "all => all.map(each => each.getAttribute('aria-label'))")
        assert len(words) > 15
        assert all("newest" in each for each in words)


def test_the_body_is_json_that_is_read_back_as_it_was() -> None:
    assert json.loads(dashboard.text(STRATEGY, HERE)) == BODY

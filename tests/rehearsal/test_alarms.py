"""Every alarm of the deployed table: silent in quiet days, off for its cause within its promised time, on the virtual clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aws_rehearsal import metrics
from rehearsal.alarm_trials import causes
from rehearsal.alarm_trials.__main__ import watched
from rehearsal.alarm_trials.catalogue import Catalogue
from rehearsal.alarm_trials.site import PRIMARY, RECOVERY, ROLES, Site
from rehearsal.alarm_trials.trial import Trial, Verdict, whole
from strategy.catalogue import names
from strategy.catalogue.alarm_table import table
from tests.assemblies import deployable

QUIET = timedelta(hours=31)
"""A night, a day and a night with their runs; `make bench` lets 30 days pass."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with watched(Path(tmp_path_factory.mktemp("alarms")), deployable("dev")) as site:
        yield site


@pytest.fixture(scope="module")
def verdict(site: Site) -> Verdict:
    return whole(site, QUIET)


@pytest.mark.proves("monitoring.alarm-trials")
@pytest.mark.extended
def test_nothing_goes_off_from_the_first_minute_of_a_deployment_on_while_all_is_well(verdict: Verdict) -> None:
    assert verdict.quiet_days >= QUIET / timedelta(days=1)
    assert verdict.false == []


@pytest.mark.proves(
    "cost.budget",
    "monitoring.alarm-trials",
    "monitoring.data-age",
    "monitoring.drift",
    "monitoring.job-metrics",
    "monitoring.restore-test-failures",
    "monitoring.silent-monitor",
    "monitoring.unreadable",
    "monitoring.vault-size",
    "stores.drift",
)
@pytest.mark.extended
def test_every_alarm_goes_off_for_its_cause_within_its_promised_time(site: Site, verdict: Verdict) -> None:
    assert verdict.unproven == []
    deployed = {
        (role, each["AlarmName"].removeprefix(names.alarm(site.strategy.prefix, "")))
        for role in ROLES
        for page in site.client("cloudwatch", role).get_paginator("describe_alarms").paginate()
        for each in page["MetricAlarms"]
        if each["AlarmName"] != names.switch_alarm(site.strategy.prefix)
    }
    assert deployed
    assert verdict.proven == deployed, "an alarm without a cause here is not proven"
    assert verdict.total == len(deployed)


@pytest.mark.proves("monitoring.alarm-trials")
@pytest.mark.extended
def test_no_other_alarm_goes_off_and_each_clears_that_can(verdict: Verdict) -> None:
    assert (verdict.unexpected, verdict.uncleared) == ([], [])


@pytest.mark.proves("monitoring.late-backups")
@pytest.mark.extended
def test_a_stopped_plan_is_noticed_in_both_regions(verdict: Verdict) -> None:
    noticed = {each.role: each for each in verdict.fired if each.cause == "plan_stops" and "late-" in each.alarm}
    assert noticed.keys() == {PRIMARY, RECOVERY}
    assert all(each.took <= each.promised for each in noticed.values())


@pytest.mark.proves("monitoring.data-age")
@pytest.mark.extended
def test_every_metric_that_an_alarm_reads_of_ours_was_emitted_with_those_dimensions(site: Site, verdict: Verdict) -> None:
    assert verdict.fired
    for role in ROLES:
        emitted = set(metrics.watch().series(site.region(role)).minutes)
        for alarm in table(site.strategy, site.region(role)):
            ours = [each.key for each in alarm.metrics if not each.namespace.startswith("AWS/")]
            assert set(ours) <= emitted, f"{alarm.name} reads what nobody emits"
            others = [each.key for each in alarm.metrics if each.namespace.startswith("AWS/")]
            assert not others or emitted.intersection(others), f"{alarm.name} reads what AWS did not emit for its cause"


@pytest.mark.extended
def test_a_digest_came_each_day_from_each_region(verdict: Verdict) -> None:
    assert verdict.digests >= 2 * int(verdict.quiet_days)


@pytest.mark.extended
def test_an_alarm_that_is_not_deployed_is_not_proven(site: Site, verdict: Verdict) -> None:
    """The judge fails too: a cause whose alarm never goes off is named."""
    assert verdict.fired
    site.client("cloudwatch").delete_alarms(AlarmNames=[names.alarm(site.strategy.prefix, "vault-full")])
    trial = Trial(site)
    trial.judge({(PRIMARY, "vault-full"): ("nothing", site.cloud.clock.now(), False)}, before=len(metrics.watch().changes))
    assert trial.verdict.unproven == ["primary vault-full (nothing)"]


@pytest.mark.xdist_group("alarms-of-an-hour")
def test_an_hour_is_quiet_and_what_somebody_changes_is_noticed_in_its_time_alone(tmp_path: Path) -> None:
    """The kind: silent, off for its cause within its promised time, and off again when it is fixed. All causes are extended."""
    with watched(tmp_path, deployable("dev")) as site:
        site.cloud.gateway.interceptors.append(Catalogue(site.strategy))
        trial = Trial(site)
        trial.quiet(site.cloud.clock.now() + timedelta(hours=1))
        trial.breaks(causes.settings_change)
    verdict = trial.verdict
    assert (verdict.false, verdict.unproven, verdict.unexpected, verdict.uncleared) == ([], [], [], [])
    assert {each.cause for each in verdict.fired} == {"settings_change"}
    assert verdict.proven

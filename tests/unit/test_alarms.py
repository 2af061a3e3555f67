"""The table of alarms: what they read is in the table of metrics, what AWS emits is AWS's, and none is silenced by absence."""

from __future__ import annotations

import pytest

from strategy import load
from strategy.catalogue import metrics
from strategy.catalogue.alarm_table import table
from strategy.catalogue.alarm_text import read

BOTH = [(environment, role) for environment in ("dev", "staging", "prod") for role in ("primary", "recovery")]
AWS_BACKUP = {
    *(
        f"NumberOfBackupJobs{each}"
        for each in ["Created", "Pending", "Running", "Aborted", "Completed", "Failed", "Expired", "Partial"]
    ),
    *(f"NumberOfCopyJobs{each}" for each in ["Created", "Running", "Completed", "Failed"]),
    *(f"NumberOfRestoreJobs{each}" for each in ["Pending", "Running", "Completed", "Failed"]),
    *(f"NumberOfRecoveryPoints{each}" for each in ["Completed", "Partial", "Expired", "Deleting", "Cold"]),
}
"""Every metric that AWS Backup publishes, by its guide (*Monitoring with CloudWatch*)."""
AWS_DIMENSIONS = {
    "AWS/Backup": [{"BackupVaultName"}, {"BackupVaultName", "ResourceType"}, {"ResourceType"}],
    "AWS/RDS": [{"DBInstanceIdentifier"}],
}
RESOURCE_TYPES = {"RDS", "DynamoDB"}


@pytest.mark.proves("monitoring.alarm-trials")
@pytest.mark.parametrize(("environment", "role"), BOTH)
def test_what_is_read_of_aws_is_named_as_aws_names_it(environment: str, role: str) -> None:
    strategy = load(environment)
    seen = 0
    for alarm in table(strategy, getattr(strategy.regions, role)):
        for metric in alarm.metrics:
            if not metric.namespace.startswith("AWS/"):
                continue
            seen += 1
            assert metric.name in {"AWS/Backup": AWS_BACKUP, "AWS/RDS": {"ReplicaLag"}}[metric.namespace], alarm.name
            dimensions = dict(metric.dimensions)
            assert set(dimensions) in AWS_DIMENSIONS[metric.namespace], alarm.name
            assert dimensions.get("ResourceType", "RDS") in RESOURCE_TYPES
            assert not ("Restore" in metric.name and "BackupVaultName" in dimensions), "a restore job has no vault"
    assert seen


@pytest.mark.parametrize(("environment", "role"), BOTH)
def test_what_is_read_of_the_monitor_is_in_its_table(environment: str, role: str) -> None:
    strategy = load(environment)
    region = getattr(strategy.regions, role)
    for alarm in table(strategy, region):
        for metric in alarm.metrics:
            if metric.namespace.startswith(strategy.prefix):
                assert tuple(name for name, _ in metric.dimensions) == metrics.measure(metric.name).dimensions
                assert dict(metric.dimensions)["Region"] == region


@pytest.mark.parametrize(("environment", "role"), BOTH)
def test_names_are_unique_and_the_other_region_is_in_none(environment: str, role: str) -> None:
    strategy = load(environment)
    region = getattr(strategy.regions, role)
    found = table(strategy, region)
    assert len({alarm.name for alarm in found}) == len(found)
    assert strategy.regions.other(region) not in str(found)


@pytest.mark.proves("monitoring.alarm-trials")
@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_only_beats_take_silence_for_trouble(role: str) -> None:
    """Any other alarm on silence would go off in a region that was just deployed."""
    strategy = load("prod")
    found = table(strategy, getattr(strategy.regions, role))
    assert {alarm.cause for alarm in found if alarm.missing == "breaching"} == {"monitor-silent", "peer-silent"}


def test_several_metrics_are_filled_each() -> None:
    strategy = load("dev")
    (failed,) = (each for each in table(strategy, strategy.regions.primary) if each.cause == "backup-failed")
    assert failed.expression == "SUM([FILL(m1, 0), FILL(m2, 0), FILL(m3, 0)])"


@pytest.mark.parametrize(("environment", "role"), BOTH)
def test_every_alarm_says_what_is_promised_and_what_to_do_next(environment: str, role: str) -> None:
    strategy = load(environment)
    for alarm in table(strategy, getattr(strategy.regions, role)):
        assert read(str(alarm.said)) == alarm.said
        assert alarm.said.command.startswith(("python -m recovery ", "aws "))


def test_a_metric_that_the_monitor_does_not_emit_is_refused() -> None:
    with pytest.raises(KeyError, match="emits no"):
        metrics.monitor("bank", "Unheard", "ap-southeast-1")
    with pytest.raises(KeyError, match="has the dimensions Region, Store"):
        metrics.monitor("bank", metrics.LATE, "ap-southeast-1")

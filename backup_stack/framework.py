"""Backup Audit Manager's framework: the strategy's promises, evaluated daily by AWS against what is really there.

Its controls look at every resource of a type in the region, never at the plan's own selection: a database that nobody selected
is what they are there to find. What is about the plan stands where the plan is; what is about recovery points, in both regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from aws_cdk.aws_backup import CfnFramework
from constructs import Construct

from backup_stack.vault_policy import exempt
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import Scenario

_ALL_OF_TYPE = {"ComplianceResourceTypes": ["DynamoDB", "RDS"]}
_MOST_HOURS_BETWEEN_BACKUPS = 24
"""What the control allows; beyond it speaks in days."""

_Control = CfnFramework.FrameworkControlProperty


class Framework(CfnFramework):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        controls = [*_recovery_points(strategy, region)]
        if region == strategy.regions.primary:
            controls += _resources(strategy, region)
        super().__init__(
            scope,
            construct_id,
            framework_name=names.audit(strategy.prefix, "framework"),
            framework_description="The backup strategy's promises, checked on every resource of the region",
            framework_controls=controls,
        )


def _recovery_points(strategy: Strategy, region: str) -> Iterator[_Control]:
    shortest = min(min(rule.keep, rule.copy_keep) for rule in strategy.rules)
    longest_restore = max(store.objectives.of(Scenario.RECOVERY_POINT).rto for store in strategy.stores)
    yield _control("BACKUP_RECOVERY_POINT_ENCRYPTED")
    yield _control("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED", principalArnList=",".join(exempt(strategy, region)))
    yield _control("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", requiredRetentionDays=str(shortest.days))
    yield _of_resources("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", maxRestoreTime=str(longest_restore // timedelta(minutes=1)))


def _resources(strategy: Strategy, region: str) -> Iterator[_Control]:
    shortest = min(rule.keep for rule in strategy.rules)
    interval = min(store.objectives.of(Scenario.RECOVERY_POINT).rpo for store in strategy.stores)
    yield _of_resources("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN")
    yield _control(
        "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        requiredFrequencyUnit="hours",
        requiredFrequencyValue=str(min(_hours(interval), _MOST_HOURS_BETWEEN_BACKUPS)),
        requiredRetentionDays=str(shortest.days),
    )
    yield _of_resources("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", crossRegionList=strategy.regions.other(region))
    yield _of_resources(
        "BACKUP_LAST_RECOVERY_POINT_CREATED", recoveryPointAgeUnit="hours", recoveryPointAgeValue=str(_hours(_oldest(strategy)))
    )
    lock = strategy.vault.lock
    if lock.min_keep is not None and lock.max_keep is not None:
        yield _of_resources(
            "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
            minRetentionDays=str(lock.min_keep.days),
            maxRetentionDays=str(lock.max_keep.days),
        )


def _oldest(strategy: Strategy) -> timedelta:
    """How old the newest recovery point of a store may be: as promised, or as far as a breach of it is accepted."""
    promised = [store.objectives.of(Scenario.RECOVERY_POINT).rpo for store in strategy.stores]
    accepted = [
        breach.up_to
        for breach in strategy.accepted_breaches
        if breach.scenario is Scenario.RECOVERY_POINT and breach.objective == "rpo"
    ]
    return max([*promised, *accepted])


def _hours(time: timedelta) -> int:
    return ceil(time / timedelta(hours=1))


def _of_resources(name: str, **parameters: str) -> _Control:
    """A control about resources: all of the types that the strategy is about."""
    return _control(name, scope=_ALL_OF_TYPE, **parameters)


def _control(name: str, *, scope: dict[str, list[str]] | None = None, **parameters: str) -> _Control:
    return _Control(
        control_name=name,
        control_scope=scope,
        control_input_parameters=[
            CfnFramework.ControlInputParameterProperty(parameter_name=key, parameter_value=value)
            for key, value in parameters.items()
        ]
        or None,
    )

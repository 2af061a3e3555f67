"""What the values of a strategy must be to each other. Each guard is a function (strategy, today) → findings.

`check` runs them all, so that every broken promise shows at once. Coverage (every stateful resource of the synthesised assembly
is protected or excluded) is not here: it needs the assembly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from strategy.checks.guards import names, networks, promises, replication, restore_testing, retention, schedules
from strategy.checks.guards.finding import Finding, Severity
from strategy.model.strategy import Strategy

__all__ = ["GUARDS", "Finding", "Guard", "Severity", "check"]

Guard = Callable[[Strategy, date], Iterator[Finding]]

GUARDS: tuple[Guard, ...] = (
    schedules.rules_run,
    schedules.windows_fit,
    schedules.one_job_at_a_time,
    schedules.database_windows,
    promises.objectives,
    promises.exclusions,
    promises.somebody_is_told,
    retention.retention,
    retention.cold_storage,
    retention.vault_lock,
    retention.records,
    replication.replicated_backups,
    networks.networks,
    names.names,
    names.arns,
    names.services,
    restore_testing.restore_testing,
    restore_testing.drills,
)


def check(strategy: Strategy, today: date) -> tuple[Finding, ...]:
    """Every finding, errors first; within a severity, in the guards' order."""
    found = [finding for guard in GUARDS for finding in guard(strategy, today)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))

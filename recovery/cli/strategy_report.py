"""What the `strategy` command tells, as one value, and its JSON.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

    format       1
    environment, account, prefix, production
    regions      {primary, recovery}
    date         the day it was judged as of, YYYY-MM-DD
    kept         true when nothing below is an error; exit code 0
    promises     [{store, scenario, objective: "rpo" | "rto", promised_seconds, worst_seconds (null: without bound), how,
                   arithmetic, verdict: "kept" | "accepted" | "expired" | "exceeded" | "broken",
                   accepted: {up_to_seconds, reason, owner, until} or null}]
    schedule     {from, to, runs: [{at: "HH:MM" UTC, days, rule, instead_of, keep_days, copy_keep_days, runs, first, last}]}
                 the next 12 months, grouped by time of day; `first` and `last` are moments, ISO 8601 in UTC
    exclusions   [{name, types, paths, reason, owner, review, rpo_seconds or null, rto_seconds or null}]
    accepted_breaches [{store, scenario, objective, up_to_seconds, reason, owner, until}]
    findings     [{severity: "error" | "warning", guard, key, message}], errors first
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from strategy import Strategy
from strategy.checks.guards import Finding, Severity, check
from strategy.checks.objectives import Verdict, assess
from strategy.checks.schedule import Row, horizon, table
from strategy.formatting import whole_seconds
from strategy.model.strategy import AcceptedBreach, Exclusion

FORMAT = 1


@dataclass(frozen=True)
class Report:
    """A strategy, judged as of a day."""

    strategy: Strategy
    day: date
    verdicts: tuple[Verdict, ...]
    schedule: tuple[Row, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, strategy: Strategy, day: date) -> Self:
        return cls(strategy, day, assess(strategy, day), table(strategy.rules, day), check(strategy, day))

    @property
    def kept(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        strategy, span = self.strategy, horizon(self.day)
        return {
            "format": FORMAT,
            "environment": strategy.environment,
            "account": strategy.account,
            "prefix": strategy.prefix,
            "production": strategy.production,
            "regions": {"primary": strategy.regions.primary, "recovery": strategy.regions.recovery},
            "date": self.day.isoformat(),
            "kept": self.kept,
            "promises": [_promise(each) for each in self.verdicts],
            "schedule": {
                "from": span.start.isoformat(),
                "to": span.end.isoformat(),
                "runs": [self._run(row) for row in self.schedule],
            },
            "exclusions": [_exclusion(each) for each in strategy.exclusions],
            "accepted_breaches": [
                {"store": each.store, "scenario": each.scenario, "objective": each.objective, **_accepted(each)}
                for each in strategy.accepted_breaches
            ],
            "findings": [asdict(each) for each in self.findings],
        }

    def _run(self, row: Row) -> dict[str, Any]:
        rule = next(each for each in self.strategy.rules if each.name == row.rule)
        return {
            "at": f"{row.at:%H:%M}",
            "days": row.days,
            "rule": row.rule,
            "instead_of": row.instead_of,
            "keep_days": rule.keep.days,
            "copy_keep_days": rule.copy_keep.days,
            "runs": row.runs,
            "first": row.first.isoformat(),
            "last": row.last.isoformat(),
        }


def _promise(verdict: Verdict) -> dict[str, Any]:
    return {
        "store": verdict.store,
        "scenario": verdict.scenario,
        "objective": verdict.objective,
        "promised_seconds": whole_seconds(verdict.promised),
        "worst_seconds": whole_seconds(verdict.worst),
        "how": verdict.how,
        "arithmetic": verdict.arithmetic,
        "verdict": verdict.state,
        "accepted": _accepted(verdict.accepted) if verdict.accepted else None,
    }


def _accepted(breach: AcceptedBreach) -> dict[str, Any]:
    return {
        "up_to_seconds": whole_seconds(breach.up_to),
        "reason": breach.reason,
        "owner": breach.owner,
        "until": breach.until.isoformat(),
    }


def _exclusion(each: Exclusion) -> dict[str, Any]:
    return {
        "name": each.name,
        "types": each.types,
        "paths": each.paths,
        "reason": each.reason,
        "owner": each.owner,
        "review": each.review.isoformat(),
        "rpo_seconds": whole_seconds(each.rpo),
        "rto_seconds": whole_seconds(each.rto),
    }

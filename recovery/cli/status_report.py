"""The JSON of the `status` command. A contract: keys are added, never renamed or removed while `format` stays the same.

format       1
environment, account, prefix
region, role the region that was asked, and what it is: "primary" | "recovery"
now          the moment it was judged as of; all moments are ISO 8601 in UTC
kept         true when nothing is broken and everything was checked; exit code 0
problems     every broken promise and blocker, one sentence each; exit code 1
not_checked  every question that was refused, one sentence each; exit code 3 when nothing is broken
stores       [{store, kind, name, sources, premises, in_use: the store that the application uses here, or null}]
  sources    [{where, state: "kept" | "broken" | "not checked" | "not promised", scenario or null,
               earliest or null, latest or null (the moments that can be restored), age_seconds or null,
               recovery_point, expires, manifest: each null where there is none, passed_over: [newer, unusable points],
               rpo_seconds, limit_seconds, expected_seconds, rto_seconds: null where not promised or not modelled,
               problems, not_checked}]
  premises   [{what, state: "fine" | "blocked" | "not checked", detail}]
unproved     every route without a drill that passed when due, every store whose data was not checked: one sentence each
proofs       [{route or null for the check of a store's data, store, proved, because: empty when proved,
               passed: when the newest that passed ended, or null, key: of the newest record, or null, rpo_seconds, rto_seconds:
               as it measured them, or null}]; null when it was refused
findings     the open ones, as `findings --json`; overdue: duties, as `calendar --json`; both null where they were not read
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from recovery.aws import NotChecked
from recovery.moments import moment_text
from recovery.status.facts import Live, Missing, Point, Premise, Window
from recovery.status.judgement import Source
from recovery.status.survey import Status
from strategy import Strategy
from strategy.formatting import whole_seconds

FORMAT = 1


def as_json(strategy: Strategy, status: Status) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "environment": strategy.environment,
        "account": strategy.account,
        "prefix": strategy.prefix,
        "region": status.region,
        "role": status.role,
        "now": moment_text(status.now),
        "kept": not (status.problems or status.not_checked),
        "problems": status.problems,
        "not_checked": status.not_checked,
        "stores": [
            {
                "store": each.store,
                "kind": each.kind,
                "name": each.name,
                "sources": [_source(source) for source in each.sources],
                "premises": [_premise(premise) for premise in each.premises],
                "in_use": each.in_use if isinstance(each.in_use, str) else None,
            }
            for each in status.stores
        ],
        "unproved": status.unproved,
        "proofs": None if isinstance(status.proofs, NotChecked) else [each.as_json() for each in status.proofs],
    }


def span(source: Source) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest moment that can be restored from it."""
    match source.fact:
        case Window(earliest, latest):
            return earliest, latest
        case Point(_, created):
            return created, created
    return None, None


def detail(premise: Premise) -> str:
    match premise.problem:
        case NotChecked(because):
            return because
        case None:
            return premise.note
    return premise.problem


def found(source: Source) -> str:
    """What was found, where it is no window and no point."""
    match source.fact:
        case Missing(why):
            return why
        case Live(state):
            return f"{state}, lag not measured"
    return ""


def _source(source: Source) -> dict[str, Any]:
    earliest, latest = span(source)
    point = source.fact if isinstance(source.fact, Point) else None
    promise = source.promise
    return {
        "where": source.where,
        "state": source.state,
        "scenario": promise.scenario if promise else None,
        "earliest": _moment_or_none(earliest),
        "latest": _moment_or_none(latest),
        "age_seconds": whole_seconds(source.age),
        "recovery_point": point.arn if point else None,
        "expires": _moment_or_none(point.expires) if point else None,
        "manifest": point.manifest if point and isinstance(point.manifest, str) else None,
        "passed_over": point.passed_over if point else (),
        "rpo_seconds": whole_seconds(promise.rpo if promise else None),
        "limit_seconds": whole_seconds(promise.limit if promise else None),
        "expected_seconds": whole_seconds(promise.expected if promise else None),
        "rto_seconds": whole_seconds(promise.rto if promise else None),
        "problems": source.problems,
        "not_checked": source.not_checked,
    }


def _premise(premise: Premise) -> dict[str, Any]:
    states = {str: "blocked", NotChecked: "not checked", type(None): "fine"}
    return {"what": premise.what, "state": states[type(premise.problem)], "detail": detail(premise)}


def _moment_or_none(value: datetime | None) -> str | None:
    return moment_text(value) if value is not None else None

"""The report as one value, and its JSON. What it says is computed here; pages and tables only write it down.

format       1
environment, quarter, now, headline, state (`good`, `unproved`, `bad`), problems [text], missing [text],
             stand_in: who answered in AWS's place, else empty
promises     [{store, scenario, objective, promised_seconds, modelled_seconds (null), measured_seconds (null), measured, times,
               record (null), seal, standing, accepted (null), trend [{quarter, seconds (null)}]}]
routes       [{route, store, region, state, record (null), at, proof (null)}]
recoveries   [{record, at, outcome, steps [{step, since_incident_seconds}], stores [{store, lost_seconds}]}]
findings     as `python -m recovery findings --json`; calendar: as `calendar --json`
jobs         [{kind, region, well, badly, running, success (null), typical_seconds, longest_seconds}]
failed_jobs  [{kind, region, resource, state, message, created}]; alarms [{name, region, began, ended (null), seconds (null)}]
exclusions, accepted_breaches, cost, controls [{framework, id, title, claim, state, record (null), points_to}]
chains       [{region, whole, links, records, findings, not_checked}]
records      [{key, at, state, kind, by, seal, why}] of the quarter
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.calendar.due_dates import Standing, standings
from recovery.evidence.records import Record, State
from recovery.findings.finding import Finding, findings
from recovery.jobs import Sums, sums
from recovery.report import promise_results
from recovery.report.controls import Claim, claims
from recovery.report.measurements import measurements
from recovery.report.promise_results import Promise, promises
from recovery.report.quarter import Quarter
from recovery.report.routes import Way, ways
from recovery.report.sources import Gathered
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.controls import controls
from strategy.cost import Cost, Prices, monthly

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Audit:
    strategy: Strategy
    quarter: Quarter
    now: datetime
    gathered: Gathered
    promises: tuple[Promise, ...]
    ways: tuple[Way, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    duties: tuple[Standing, ...]
    sums: tuple[Sums, ...]
    cost: Cost

    @classmethod
    def of(cls, strategy: Strategy, quarter: Quarter, now: datetime, gathered: Gathered) -> Audit:
        """As of the end of the quarter, or of `now` while it lasts."""
        moment = min(now, quarter.end - timedelta(seconds=1))
        known = [each for each in gathered.records if each.at <= moment]
        measured = measurements(known, strategy.regions.recovery)
        return cls(
            strategy,
            quarter,
            now,
            gathered,
            tuple(promises(strategy, moment.date(), measured, quarter)),
            tuple(ways(strategy, known, quarter)),
            tuple(claims(controls(), known, gathered.chains, quarter, moment)),
            tuple(findings(gathered.records)),
            tuple(standings(known, moment)),
            tuple(sums(gathered.jobs)),
            monthly(strategy, Prices.load(), moment.date()),
        )

    @property
    def records(self) -> tuple[Record, ...]:
        """Of the quarter, without AWS's own reports."""
        return tuple(each for each in self.gathered.records if each.at in self.quarter and each.folder != names.REPORTS)

    @property
    def failed(self) -> tuple[Record, ...]:
        return tuple(each for each in self.records if each.state is State.FAILED)

    @property
    def recoveries(self) -> tuple[Record, ...]:
        """Newest first."""
        return tuple(each for each in reversed(self.records) if each.folder == names.RECOVERIES)

    @property
    def drills(self) -> tuple[Record, ...]:
        """The newest of each route, store and region that says its steps, in that order."""
        newest = {
            (each.text("route"), each.text("store"), each.text("region")): each
            for each in self.records
            if each.folder == names.DRILLS and drilled(each)
        }
        return tuple(newest[key] for key in sorted(newest))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, worst first; each with its number."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[str]:
        broken = sum(each.standing is promise_results.Standing.BROKEN for each in self.promises)
        opened = sum(each.open for each in self.findings)
        overdue = sum(each.overdue for each in self.duties)
        failed = sum(each.state == "failed" for each in self.ways)
        for region, verdict in self.gathered.chains.items():
            if not verdict.links:
                yield f"nothing is sealed in {region}"
            elif verdict.findings:
                yield f"the chain of evidence of {region} is not whole ({len(verdict.findings)})"
        for number, text in (
            (broken, "promises that were measured and not kept"),
            (failed, "routes that failed when they were last tried"),
            (opened, "open findings"),
            (overdue, "overdue duties of the calendar"),
        ):
            if number:
                yield f"{text}: {number}"

    @property
    def unproved(self) -> int:
        return sum(each.standing is promise_results.Standing.UNPROVED for each in self.promises)

    @property
    def state(self) -> str:
        if not self.records or self.problems:
            return "bad"
        return "unproved" if self.unproved or self.gathered.missing or any(way.state != "proved" for way in self.ways) else "good"

    @property
    def headline(self) -> str:
        if not self.records:
            return f"Nothing is proved: {self.quarter} has no record"
        if self.problems:
            return "Not all is well"
        if self.unproved:
            return f"{self.unproved} of {len(self.promises)} promises are unproved"
        return (
            "Every promise was measured, and kept"
            if self.state == "good"
            else "What was measured was kept; not all could be seen"
        )

    def as_json(self) -> dict[str, Any]:
        today = self.now.date()
        return {
            "format": FORMAT,
            "environment": self.strategy.environment,
            "quarter": str(self.quarter),
            "now": self.now.isoformat(timespec="seconds"),
            "headline": self.headline,
            "state": self.state,
            "problems": list(self.problems),
            "missing": list(self.gathered.missing),
            "stand_in": self.gathered.stand_in,
            "promises": [_promise(each) for each in self.promises],
            "routes": [_way(each) for each in self.ways],
            "recoveries": [_recovery(each) for each in self.recoveries],
            "drills": [
                {
                    "record": each.key,
                    "state": str(each.state),
                    "steps": [
                        {"step": step, "seconds": took, "expected_seconds": expected} for step, took, expected in drilled(each)
                    ],
                }
                for each in self.drills
            ],
            "findings": [each.as_json(today) for each in self.findings],
            "calendar": [each.as_json() for each in self.duties],
            "jobs": [each.as_json() for each in self.sums],
            "failed_jobs": [
                {
                    "kind": each.kind,
                    "region": each.region,
                    "resource": each.resource,
                    "state": each.state,
                    "message": each.message,
                    "created": each.created.isoformat(),
                }
                for each in self.gathered.jobs
                if each.badly
            ],
            "alarms": [
                {
                    "name": each.name,
                    "region": each.region,
                    "began": each.began.isoformat(),
                    "ended": each.ended.isoformat() if each.ended else None,
                    "seconds": seconds(each.ended - each.began) if each.ended else None,
                }
                for each in self.gathered.alarms
            ],
            "exclusions": [
                {"name": each.name, "reason": each.reason, "owner": each.owner, "review": each.review.isoformat()}
                for each in self.strategy.exclusions
            ],
            "accepted_breaches": [
                {
                    "store": each.store,
                    "scenario": str(each.scenario),
                    "objective": each.objective,
                    "up_to_seconds": seconds(each.up_to),
                    "reason": each.reason,
                    "owner": each.owner,
                    "until": each.until.isoformat(),
                }
                for each in self.strategy.accepted_breaches
            ],
            "cost": {"usd_a_month": round(self.cost.sum(), 2), "unpriced": [each.what for each in self.cost.unpriced]},
            "controls": [_claim(each) for each in self.claims],
            "chains": [
                {
                    "region": region,
                    "whole": each.whole,
                    "links": each.links,
                    "records": each.records,
                    "findings": [f"{found.kind}: {found.where}: {found.message}" for found in each.findings],
                    "not_checked": list(each.not_checked),
                }
                for region, each in self.gathered.chains.items()
            ],
            "records": [record_line(each) for each in self.records],
        }


def seconds(value: timedelta | None) -> int | None:
    return round(value.total_seconds()) if value is not None else None


def record_line(each: Record) -> dict[str, Any]:
    """Chosen fields only: a verification's own report has keys of rows, and those stay in the bucket."""
    return {
        "key": each.key,
        "at": each.at.isoformat(timespec="seconds"),
        "state": str(each.state),
        "kind": each.text("kind") or each.folder,
        "by": each.text("by") or each.text("execution"),
        "seal": each.seal,
        "why": "" if each.state is State.PASSED else each.why,
    }


def steps(record: Record) -> list[tuple[str, int]]:
    """Of a recovery: each step and how long after the incident it ended, in order."""
    found = record.body.get("steps")
    listed = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return sorted(
        ((str(each.get("step")), int(each["since_incident_seconds"])) for each in listed if "since_incident_seconds" in each),
        key=lambda each: each[1],
    )


def drilled(record: Record) -> list[tuple[str, float, float | None]]:
    """Of a drill: each step, how many seconds it took, and how many are expected of it (None: nobody said)."""
    found = record.body.get("steps")
    listed = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        (str(each.get("step")), float(each["seconds"]), each.get("expected_seconds")) for each in listed if each.get("seconds")
    ]


def lost(record: Record) -> list[tuple[str, int | None]]:
    """Of a recovery: each store, and how much of it was lost."""
    found = record.body.get("stores")
    listed = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [(str(each.get("store")), each.get("lost_seconds")) for each in listed]


def _recovery(each: Record) -> dict[str, Any]:
    return {
        "record": each.key,
        "at": each.at.isoformat(timespec="seconds"),
        "outcome": each.text("outcome"),
        "steps": [{"step": step, "since_incident_seconds": since} for step, since in steps(each)],
        "stores": [{"store": store, "lost_seconds": gone} for store, gone in lost(each)],
    }


def _promise(each: Promise) -> dict[str, Any]:
    verdict, worst = each.verdict, each.worst
    return {
        "store": verdict.store,
        "scenario": str(verdict.scenario),
        "objective": verdict.objective,
        "promised_seconds": seconds(verdict.promised),
        "modelled_seconds": seconds(verdict.worst),
        "measured_seconds": seconds(worst.value) if worst else None,
        "measured": worst.what if worst else "",
        "times": each.times,
        "record": worst.record.key if worst else None,
        "seal": worst.record.seal if worst else "",
        "standing": str(each.standing),
        "accepted": seconds(verdict.accepted.up_to) if verdict.accepted else None,
        "trend": [{"quarter": str(quarter), "seconds": seconds(value)} for quarter, value in each.trend],
    }


def _way(each: Way) -> dict[str, Any]:
    return {
        "route": each.route,
        "store": each.store,
        "region": each.region,
        "state": each.state,
        "record": each.last.key if each.last else None,
        "at": each.last.at.isoformat(timespec="seconds") if each.last else None,
        "proof": each.proof.key if each.proof else None,
    }


def _claim(each: Claim) -> dict[str, Any]:
    return {
        "framework": each.control.framework,
        "id": each.control.id,
        "title": each.control.title,
        "claim": each.control.claim,
        "state": each.state,
        "record": each.record.key if each.record else None,
        "points_to": each.points_to,
    }

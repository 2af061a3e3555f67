"""Watching after the cutover: the services as customers meet them, and the claim as Route 53 reads it.

Nothing is undone here. What is seen is kept, troubles too, and the recovery is not called done while the last looks are bad.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from recovery.cutover.switch import Record, read
from recovery.region.http_probe import Ask
from recovery.region.smoke_test import test, trouble
from recovery.region.source import Client
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.contracts.region import ServiceCheck, WatchAnswer

AT_LEAST = timedelta(minutes=10)
GOOD_IN_A_ROW = 5
"""Looks without trouble at the end."""
PUBLISHED_WITHIN = timedelta(minutes=5)
"""The claim is published each minute: without any for so long, its function does not run."""
_KEPT = 20
"""Troubles that are kept in words; all are counted."""
_NOTHING = WatchAnswer(
    done=False, waiting_for="", looks=0, good_in_a_row=0, up={}, down={}, claims=(), troubles=(), from_="", to=""
)


class TrafficMoved(Exception):
    """Somebody has cut over again while it was watched; the message says who, and to where."""


def watch(
    plan: RegionPlan,
    services: Sequence[str],
    checks: Mapping[str, ServiceCheck],
    client: Client,
    ask: Ask,
    *,
    home: bool,
    so_far: WatchAnswer | None,
    now: datetime,
) -> WatchAnswer:
    """One more look. `home`: whether this is the region of the primary failover record."""
    seen = so_far or _NOTHING
    thrown = _serves_here(plan, client)
    up, down = dict(seen.up), dict(seen.down)
    troubles = []
    for service in services:
        problem = trouble(test(plan.prefix, service, checks[service], client, ask))
        count = down if problem else up
        count[service] = count.get(service, 0) + 1
        troubles += [f"{service}: {problem}"] if problem else []
    claim = _published(plan.prefix, client, now)
    troubles += _of_claim(claim, plan, thrown, home=home)
    at = now.isoformat(timespec="seconds")
    began, good = seen.from_ or at, 0 if troubles else seen.good_in_a_row + 1
    long_enough = now - datetime.fromisoformat(began) >= AT_LEAST
    done = long_enough and good >= GOOD_IN_A_ROW
    waiting = "; ".join(troubles) or (f"{AT_LEAST} of watching" if not long_enough else "more looks without trouble")
    return WatchAnswer(
        done=done,
        waiting_for="" if done else waiting,
        looks=seen.looks + 1,
        good_in_a_row=good,
        up=up,
        down=down,
        claims=tuple(sorted({*seen.claims, *([] if claim is None else [claim])})),
        troubles=(*seen.troubles, *(f"{at} {each}" for each in troubles))[:_KEPT],
        from_=began,
        to=at,
    )


def _serves_here(plan: RegionPlan, client: Client) -> Record:
    holds = read(client("ssm"), names.switch(plan.prefix))
    if holds is None or holds.serving != plan.region:
        said = f"says {holds.serving} since {holds.since.isoformat()}, written by {holds.by}" if holds else "is not there"
        raise TrafficMoved(f"the switch of {plan.region} {said}, while plan {plan.plan_id} watched it")
    return holds


def _published(prefix: str, client: Client, now: datetime) -> int | None:
    """The newest value of this region's metric; None when there is none of the last minutes."""
    found = client("cloudwatch").get_metric_statistics(
        Namespace=names.switch_namespace(prefix),
        MetricName=names.SWITCH_METRIC,
        StartTime=now - PUBLISHED_WITHIN,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    newest = max(found, key=lambda each: each["Timestamp"], default=None)
    return int(newest["Maximum"]) if newest else None


def _of_claim(claim: int | None, plan: RegionPlan, thrown: Record, *, home: bool) -> list[str]:
    """The home region drops its claim when the other one has noted the switch, so there a 0 is no trouble by itself."""
    if claim is None:
        return [f"the claim of {plan.region} was not published within the last {PUBLISHED_WITHIN}"]
    if claim == 0 and not home:
        return [f"{plan.region} publishes that it claims no traffic, though its switch says so since {thrown.since.isoformat()}"]
    return []

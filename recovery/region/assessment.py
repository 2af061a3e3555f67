"""What is known when a recovery begins, without a call to the lost region; and what is said of it to the people.

Its last sign of life here, the age of what comes back, and how long it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from recovery.evidence import bucket as evidence
from recovery.region.source import Client, source_of
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.contracts.region import AssessAnswer, StoreSource


def assess(plan: RegionPlan, client: Client, *, now: datetime) -> AssessAnswer:
    bucket = names.evidence_bucket(plan.prefix, plan.region, plan.account)
    signs = {each.store: evidence.newest_manifest(client("s3"), bucket, each.store, now) for each in plan.stores}
    sources = tuple(
        StoreSource(
            store=each.store,
            source=source_of(each.tries[0]),
            lost_seconds=max(0, int((plan.incident - each.tries[0].data_of).total_seconds())),
            others=len(each.tries) - 1,
        )
        for each in plan.stores
    )
    return AssessAnswer(
        last_sign=signs,
        sources=sources,
        expected_seconds=plan.expected_seconds,
        message=_message(plan, sources, now),
    )


def _message(plan: RegionPlan, sources: Iterable[StoreSource], now: datetime) -> str:
    lost = [f"{each.store}: {each.source}; the last {_hours(each.lost_seconds)} before the incident are lost" for each in sources]
    asks = (
        f"It waits for a person other than {plan.made_by}: python -m recovery approve {plan.plan_id} "
        f"--env {plan.environment} --region {plan.region}"
        if plan.approvals
        else "It waits for nobody's approval."
    )
    return "\n".join(
        [
            f"{plan.lost_region} was lost at {plan.incident.isoformat()}. {plan.region} takes over, by plan {plan.plan_id}.",
            *lost,
            f"By the strategy's figures it takes at most {_hours(plan.expected_seconds)} from {now:%Y-%m-%d %H:%M} UTC.",
            asks,
        ]
    )


def _hours(seconds: int) -> str:
    return f"{timedelta(seconds=seconds) / timedelta(hours=1):.1f} h"

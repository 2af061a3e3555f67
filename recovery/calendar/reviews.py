"""What each duty looks at: numbers from AWS, and what is wrong with them. Each answers with the middle of its record.

A look that AWS refused is not checked: a duty that could see nothing is done, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.billing import billed
from recovery.evidence.records import State
from recovery.jobs import jobs, sums
from strategy.contracts.calendar import CalendarRequest, JobReviewRequest, StorageReviewRequest, StrategyReviewRequest

Client = Callable[[str], Any]
"""A client of this region by the service's name; of `ce`, where bills are answered."""

_WEEK = timedelta(days=7)
OVER = 1.2
"""How far above the computed cost the bill may be before the review fails: prices and sizes are estimates."""


def job_review(asked: JobReviewRequest, client: Client, now: datetime) -> dict[str, Any]:
    """The jobs of a week. Where the plan runs, a week without backups is a failure and not peace."""
    found = jobs(client("backup"), asked.region, now - _WEEK, now)
    badly = [each for each in found if each.badly]
    problems = [f"{each.kind} of {each.resource}: {each.state}: {each.message or 'no message'}" for each in badly]
    if asked.backs_up and not any(each.kind == "backup" for each in found):
        problems.append("no backup job in seven days")
    return {
        "looked_at": f"AWS Backup's jobs from {(now - _WEEK).isoformat()} to {now.isoformat()}",
        "jobs": len(found),
        "sums": [each.as_json() for each in sums(found)],
        "problems": problems,
        "not_checked": [],
    }


def storage_and_cost(asked: StorageReviewRequest, client: Client, now: datetime) -> dict[str, Any]:
    """What the vaults hold, and last month's bill beside what the strategy's cost is computed to be."""
    problems: list[str] = []
    unknown: list[str] = []
    vaults = [_vault(client("backup"), name) for name in asked.vaults]
    problems += [
        f"{each['vault']}: {each['stuck']} recovery points are expired and were not deleted" for each in vaults if each["stuck"]
    ]
    bill: dict[str, Any] | None = None
    try:
        found = billed(client("ce"), now.date())
        bill = {"month": found.month.isoformat(), "usd": round(found.usd, 2)}
        if found.usd > asked.computed_usd * OVER:
            problems.append(f"{found.month:%B %Y} was billed {found.usd:.2f} USD, computed are {asked.computed_usd:.2f} USD")
    except (ClientError, BotoCoreError) as error:
        unknown.append(f"the bill: {error}")
    return {
        "looked_at": "the recovery points of both vaults, and the last whole month in Cost Explorer",
        "vaults": vaults,
        "computed_usd": asked.computed_usd,
        "prices_of": asked.prices_of,
        "billed": bill,
        "problems": problems,
        "not_checked": unknown,
    }


def strategy_review(asked: StrategyReviewRequest, _client: Client, _now: datetime) -> dict[str, Any]:
    """What a person has to look at; only a person can."""
    return {
        "looked_at": "nothing yet: this is what to review",
        "promises": list(asked.promises),
        "exclusions": list(asked.exclusions),
        "accepted_breaches": list(asked.accepted_breaches),
        "problems": [],
        "not_checked": ["a person has to review it, and sign: python -m recovery calendar sign strategy-review"],
    }


def look(asked: CalendarRequest, client: Client, now: datetime, by: str) -> dict[str, Any]:
    """The whole record of a duty. KeyError for a duty that nobody can do here."""
    try:
        found = _looked(asked, client, now)
    except (ClientError, BotoCoreError) as error:
        found = {"looked_at": "nothing: AWS did not answer", "problems": [], "not_checked": [str(error)]}
    state = State.FAILED if found["problems"] else State.NOT_CHECKED if found["not_checked"] else State.PASSED
    return {
        "format": 1,
        "kind": "duty",
        "duty": asked.duty,
        "at": now.isoformat(),
        "by": by,
        "region": asked.region,
        "outcome": str(state).replace(" ", "-"),
        "problem": "; ".join([*found["problems"], *found["not_checked"]]),
        **found,
    }


def _looked(asked: CalendarRequest, client: Client, now: datetime) -> dict[str, Any]:
    match asked:
        case JobReviewRequest():
            return job_review(asked, client, now)
        case StorageReviewRequest():
            return storage_and_cost(asked, client, now)
        case StrategyReviewRequest():
            return strategy_review(asked, client, now)
    raise KeyError(asked.duty)


def _vault(backup: Any, name: str) -> dict[str, Any]:
    """RDS tells a point's allocated bytes, not the billed ones."""
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=name)
    points = [each for page in pages for each in page["RecoveryPoints"]]
    by_type: Counter[str] = Counter()
    for each in points:
        by_type[str(each.get("ResourceType", "unknown"))] += each.get("BackupSizeInBytes") or 0
    return {
        "vault": name,
        "points": len(points),
        "bytes": sum(by_type.values()),
        "bytes_by_type": dict(sorted(by_type.items())),
        "stuck": sum(each.get("Status") == "EXPIRED" for each in points),
    }

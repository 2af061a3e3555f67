"""The late truth about one store: the newest write that came back, and what is known to have been written after it.

What was written to a lost region and not copied can be counted by nobody. But a manifest that was taken later than the data that
came back did arrive here, and says how many rows there were then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.evidence import bucket as evidence
from recovery.restore.plan import Plan
from recovery.verify.manifest import ManifestError
from recovery.verify.signature import trusted
from strategy.catalogue import names

Client = Callable[[str], Any]


def lost(plan: Plan, verification: Mapping[str, Any], client: Client, *, incident: datetime) -> dict[str, Any]:
    """`newest`: the newest write that came back, by the dates that rows bear; empty where none does. `rows`: how many rows or
    items at least are missing that the manifest of `counted_at` had; None where no manifest is later than the data.
    """
    known: dict[str, Any] = {"newest": str(verification.get("newest") or ""), "rows": None, "counted_at": ""}
    if "counted" not in verification:
        return known
    s3, bucket = client("s3"), names.evidence_bucket(plan.prefix, plan.region, plan.account)
    try:
        key = evidence.newest_manifest(s3, bucket, plan.store, incident)
        later = trusted(s3, bucket, key, store=plan.store, kind=plan.route.kind) if key else None
    except (ClientError, ManifestError):
        return known  # the store is back: that it cannot be counted takes nothing of that
    if later is None or later.taken <= data_of(plan, verification):
        return known
    rows = max(0, later.content.rows - int(verification["counted"]))
    return {**known, "rows": rows, "counted_at": later.taken.isoformat()}


def data_of(plan: Plan, verification: Mapping[str, Any]) -> datetime:
    """The moment of the data that came back. How far a replica had come, its newest write says; the plan only supposed it."""
    newest = verification.get("newest") if plan.replica else None
    return datetime.fromisoformat(newest) if newest else plan.data_of

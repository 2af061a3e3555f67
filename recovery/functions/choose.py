"""Which recovery point each store is restored from, and the manifest it will be verified against.

Event: `{"vault", "evidence_bucket", "stores": [{"name", "kind", "resource_arn"}]}`. Answer, by store name: `recovery_point_arn`,
`created`, `resource_type`, `manifest_key` (null when there is none near enough), `considered`, `rejected`. Fails with
NoUsableRecoveryPoint when one of the stores cannot be restored: a region is brought back whole, or a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery import evidence, points


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    backup, s3 = boto3.client("backup"), boto3.client("s3")
    keys = points.Keys(boto3.client("kms"))
    now = datetime.now(UTC)
    chosen = {}
    for store in event["stores"]:
        name, kind = store["name"], store["kind"]
        listed = points.list_points(backup, event["vault"], store["resource_arn"])
        choice = points.choose(listed, kind=kind, store=name, vault=event["vault"], keys=keys, now=now)
        chosen[name] = {
            "recovery_point_arn": choice.point.arn,
            "created": choice.point.created.isoformat(),
            "resource_type": choice.point.resource_type,
            "manifest_key": evidence.nearest_manifest(s3, event["evidence_bucket"], name, choice.point.created),
            "considered": choice.considered,
            "rejected": [{"recovery_point_arn": r.point.arn, "reason": r.reason} for r in choice.rejected],
        }
    return chosen

"""Plans of drills, and records as a bucket would have them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from recovery.restore.plan import Place, Plan, RecoveryPoint
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route
from tests.recovery.fake_night import DEV, MYSQL, NOW, PLAN_ID, REGION, plan

TABLE = names.store(DEV.prefix, "audit-logs")
EXECUTION = f"arn:aws:states:{REGION}:{DEV.account}:execution:{DEV.prefix}-drill:dabcdef01"

__all__ = ["DEV", "EXECUTION", "MYSQL", "NOW", "PLAN_ID", "REGION", "TABLE", "Bucket", "instance_drill", "record", "table_drill"]


def instance_drill(**changes: Any) -> Plan:
    """MySQL from a recovery point of an hour ago."""
    point = RecoveryPoint("arn:point", names.backup_vault(DEV.prefix), NOW - timedelta(hours=1))
    route = Route.MYSQL_FROM_RECOVERY_POINT
    return plan(**{"route": route, "mode": Mode.BESIDE, "moment": None, "recovery_point": point, "drill": True} | changes)


def table_drill() -> Plan:
    """The audit table, back to an hour ago."""
    target = names.restored(TABLE, PLAN_ID)
    places = {
        "source": Place(TABLE, names.store_arn("dynamodb", REGION, DEV.account, TABLE)),
        "target": Place(target, names.store_arn("dynamodb", REGION, DEV.account, target)),
    }
    return plan(route=Route.DYNAMODB_TO_A_MOMENT, mode=Mode.BESIDE, store="audit-logs", drill=True, **places)


def record(outcome: str = "passed", *, started: datetime, **changes: Any) -> dict[str, Any]:
    """As much of a drill's record as is read again."""
    at = started + timedelta(hours=1)
    values = {"outcome": outcome, "problem": "" if outcome == "passed" else "1 row differs", "store": "mysql", "region": REGION}
    moments = {"started": started.isoformat(), "at": at.isoformat()}
    return {**values, **moments, "rpo_seconds": 300, "rto_seconds": 1800.0, **changes}


class Bucket:
    """An S3 client that has these objects and no others."""

    def __init__(self, objects: Mapping[str, dict[str, Any]]) -> None:
        self.objects = objects

    def get_paginator(self, _name: str) -> Bucket:
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: ARG002, N803  boto3's
        return [{"Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)]}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803  boto3's
        return {"Body": _Body(json.dumps(self.objects[Key]).encode())}


class _Body(bytes):
    def read(self) -> bytes:
        return self

"""A region plan, and the executions of its stores' restores as Step Functions would tell them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from recovery.restore.plan import Place, Plan, RecoveryPoint
from recovery.restore.region_plan import PlannedRegionStep, RegionPlan, StorePlans
from strategy.catalogue import names
from strategy.catalogue.region_steps import region_steps
from strategy.catalogue.routes import Mode, Route
from tests.recovery.fake_night import DEV, MYSQL, NOW, OPERATOR, plan, refused

HERE, LOST = DEV.regions.recovery, DEV.regions.primary
INCIDENT = NOW - timedelta(minutes=10)


def copy(number: int, age: timedelta) -> Plan:
    """A restore of MySQL from a copy in the recovery region."""
    plan_id = f"r0000000{number}"
    target = names.restored(MYSQL, plan_id)
    return plan(
        plan_id=plan_id,
        route=Route.MYSQL_FROM_RECOVERY_POINT,
        mode=Mode.BESIDE,
        region=HERE,
        source=Place(MYSQL, names.store_arn("mysql", LOST, DEV.account, MYSQL)),
        target=Place(target, names.store_arn("mysql", HERE, DEV.account, target)),
        moment=None,
        recovery_point=RecoveryPoint(f"arn:{number}", names.copy_vault(DEV.prefix), INCIDENT - age),
        steps=(),
    )


def following() -> Plan:
    """A promotion of MySQL's read replica, which was supposed to have come to five minutes before the incident."""
    name = names.read_replica(DEV.prefix, "mysql")
    return replace(
        copy(9, timedelta()),
        route=Route.MYSQL_TO_A_MOMENT,
        target=Place(name, names.store_arn("mysql", HERE, DEV.account, name)),
        moment=INCIDENT - timedelta(minutes=5),
        recovery_point=None,
        settings={"at_restore": {"BackupRetentionPeriod": 7}},
        replica=True,
    )


def region_plan(*tries: Plan, **changes: Any) -> RegionPlan:
    values: dict[str, Any] = {
        "plan_id": "r5a2b3c4d",
        "environment": "dev",
        "prefix": DEV.prefix,
        "account": DEV.account,
        "region": HERE,
        "lost_region": LOST,
        "incident": INCIDENT,
        "stores": (StorePlans("mysql", tries or (copy(1, timedelta(hours=1)),)),),
        "services": ("user",),
        "buckets": ("evidence",),
        "approvals": True,
        "steps": tuple(PlannedRegionStep(each, None) for each in region_steps(approvals=True)),
        "made": NOW,
        "made_by": OPERATOR,
    }
    return RegionPlan(**values | changes)


@dataclass
class Executions:
    """`ended`: by plan and attempt, Step Functions' status, when it stopped, and the record it wrote."""

    ended: dict[str, tuple[str, datetime | None, dict[str, Any]]] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    manifests: dict[str, bytes] = field(default_factory=dict)
    """By key."""

    def __call__(self, service: str) -> Any:
        return {"stepfunctions": self, "s3": self}[service]

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        name = executionArn.rpartition(":")[2]
        if name not in self.ended:
            raise refused("ExecutionDoesNotExist")
        status, stopped, record = self.ended[name]
        over = {"stopDate": stopped} if stopped else {}
        return {"status": status, "output": json.dumps(record), **over}

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803
        assert stateMachineArn.endswith(json.loads(input)["route"])
        self.started.append(name)
        self.ended[name] = "RUNNING", None, {}
        return {}

    def get_paginator(self, _operation: str) -> Executions:
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Bucket == names.evidence_bucket(DEV.prefix, HERE, DEV.account)
        yield {"Contents": [{"Key": key} for key in self.manifests if key.startswith(Prefix)]}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == names.evidence_bucket(DEV.prefix, HERE, DEV.account)
        if Key in self.manifests:
            return {"Body": io.BytesIO(self.manifests[Key])}
        name = Key.removeprefix(f"{names.RESTORES}/").removesuffix(".json")
        return {"Body": io.BytesIO(json.dumps(self.ended[name][2]).encode())}

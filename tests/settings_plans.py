"""What tests of putting settings back share: plans, and AWS's clients that expect every call they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.stub import Stubber

from recovery.restore.plan import Place, Plan, PlannedStep, RecoveryPoint
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route, steps
from strategy.model.loader import load
from strategy.model.strategy import DynamoDbStore, MySqlStore, Strategy

REGION = "ap-southeast-2"
ACCOUNT = "123456789012"
PLAN_ID = "r0000000a"
STRATEGY: Strategy = load("dev")
PREFIX = STRATEGY.prefix


def mysql_store(**changes: Any) -> MySqlStore:
    store = next(each for each in STRATEGY.stores if isinstance(each, MySqlStore))
    return store.model_copy(update=changes)


def dynamodb_store(**changes: Any) -> DynamoDbStore:
    store = next(each for each in STRATEGY.stores if isinstance(each, DynamoDbStore))
    return store.model_copy(update=changes)


def plan(route: Route, settings: Mapping[str, Any], *, drill: bool = False) -> Plan:
    store = mysql_store().name if route.kind == "mysql" else dynamodb_store().name
    old = names.store(PREFIX, store)
    new = names.restored(old, PLAN_ID)
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return Plan(
        plan_id=PLAN_ID,
        route=route,
        mode=Mode.BESIDE if drill else Mode.SWITCH,
        environment="dev",
        prefix=PREFIX,
        account=ACCOUNT,
        region=REGION,
        store=store,
        source=Place(old, names.store_arn(route.kind, REGION, ACCOUNT, old)),
        target=Place(new, names.store_arn(route.kind, REGION, ACCOUNT, new)),
        moment=moment if route.to_a_moment else None,
        recovery_point=None if route.to_a_moment else RecoveryPoint("arn", "vault", moment),
        manifest_key=None,
        settings=settings,
        verification={},
        services=(),
        steps=tuple(PlannedStep(step, None) for step in steps(route, Mode.SWITCH)),
        made=moment,
        made_by="arn:aws:iam::123456789012:user/operator",
        drill=drill,
    )


class Stubs:
    """Clients by service. Every call must be expected, with parameters that AWS's model knows, and every expected one made."""

    def __init__(self, *services: str) -> None:
        self.clients: dict[str, Any] = {}
        self.of: dict[str, Stubber] = {}
        for service in services:
            make: Any = boto3.client  # the stubs know service names only as literals
            self.clients[service] = make(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
            self.of[service] = Stubber(self.clients[service])

    @contextmanager
    def expected(self) -> Iterator[None]:
        with ExitStack() as stack:
            for stub in self.of.values():
                stack.enter_context(stub)
            yield
            for stub in self.of.values():
                stub.assert_no_pending_responses()

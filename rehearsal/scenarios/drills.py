"""Every documented route drilled beside a bank at work, with the client; then once more with damage that a drill must notice.

Enters: a world at work. Leaves: an `Outcome`, the stores as they were, and nothing that a drill made. This module types the
command, plants the damage and judges: what each record says, whether anything is left, and whether the live stores were touched.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rehearsal.bank import judge_items, judge_rows, total
from rehearsal.result import Outcome
from rehearsal.scenarios.backup import backed_up
from rehearsal.scenarios.base import Context, ScenarioFailed, World
from rehearsal.scenarios.client import Answer, recovery
from rehearsal.scenarios.faults import strike_transaction
from rehearsal.scenarios.observations import Look, connected, look, touched
from rehearsal.scenarios.restores import BEFORE
from rehearsal.scenarios.workload import work_until
from strategy.catalogue import names
from strategy.catalogue.routes import Kind, Route
from strategy.contracts.requests.drills import drilled

DAMAGED = Route.MYSQL_FROM_RECOVERY_POINT
"""The route whose second drill is damaged."""
_KINDS: tuple[Kind, ...] = ("mysql", "dynamodb")


def drills(context: Context, world: World) -> Outcome:
    return _Drills(context, world).run()


class _Drills:
    def __init__(self, context: Context, world: World) -> None:
        self.context, self.world, self.region = context, world, context.primary
        self.backup = backed_up(context, world)
        self.used = {kind: world.stores.used(kind, self.region) for kind in _KINDS}

    def run(self) -> Outcome:
        started, progress, findings = time.perf_counter(), self.context.progress, list[str]()
        with progress.step("drill: keep the bank busy") as detail:
            work_until(self.context, self.world, self.context.cloud.clock.now() + BEFORE, detail)
            with self.world.application.still():
                before = {kind: self._look(kind) for kind in _KINDS}
            inside = self._inventory()
        with progress.step("drill: every documented route of every store, with the client") as detail:
            answer = recovery(self.context, "drill", "--json", detail=detail)
            records = _records(answer)
            findings += self._passed(answer, records)
            for each in records:
                detail.note(_told(each))
        with progress.step(f"drill: {DAMAGED} again, and alter one row of what comes back before it is verified") as detail:
            with self._damaged():
                answer = recovery(self.context, "drill", "--route", str(DAMAGED), "--json", detail=detail)
            damaged = _records(answer)
            findings += self._noticed(answer, damaged)
            for each in damaged:
                detail.note(_told(each))
        with progress.step("drill: judge what is left, and what became of the live stores") as detail:
            findings += self._left(inside)
            with self.world.application.still():  # what is written after a look is no touch
                findings += [found for kind in _KINDS for found in self._untouched(kind, before[kind])]
            rows, items = self._content()
            detail.note(
                f"{len(records) + len(damaged)} drills, nothing of them left; {rows:,} rows and {items:,} items untouched"
            )
        return Outcome(
            name="drill",
            title=f"{len(records)} routes were drilled beside a bank at work, and a drill of damaged data failed",
            outcome="failed" if findings else "recovered",
            verified=not findings,
            rows=rows,
            items=items,
            lost_rows=0,
            lost_items=0,
            rpo_seconds=max((each.get("rpo_seconds") or 0.0 for each in records), default=0.0),
            wall_seconds=round(time.perf_counter() - started, 1),
            findings=findings,
            moments={each["route"]: each["at"] for each in records},
        )

    # ------------------------------------------------------------------ the drills
    def _passed(self, answer: Answer, records: list[dict[str, Any]]) -> list[str]:
        wanted = {(str(route), store.name) for store, route in drilled(self.context.strategy, self.region)}
        found = [] if answer.code == 0 else [f"the client ended {answer.code}: {answer.said.strip()[-400:]}"]
        missing = wanted - {(each["route"], each["store"]) for each in records}
        found += [f"{route} of {store} was not drilled" for route, store in sorted(missing)]
        for each in records:
            if each["outcome"] != "passed":
                found.append(f"{each['route']} of {each['store']}: {each['outcome']}: {each['problem']}")
            found += self._kept(each)
            found += [
                f"{each['route']}: {name} was not measured" for name in ("rpo_seconds", "rto_seconds") if not each.get(name)
            ]
        return found

    def _noticed(self, answer: Answer, records: list[dict[str, Any]]) -> list[str]:
        """The damage was seen, said, and torn down all the same."""
        if [each["outcome"] for each in records] != ["failed"]:
            return [f"a damaged restore was not noticed: {answer.said.strip()[-400:]}"]
        (record,) = records
        found = [] if answer.code == 1 else [f"the client ended {answer.code} for a failed drill"]
        if (record.get("verification") or {}).get("verdict") != "failed":
            found.append(f"the damaged drill failed for another reason: {record['problem']}")
        return [*found, *self._kept(record)]

    def _kept(self, record: dict[str, Any]) -> list[str]:
        """The record is in the evidence bucket as the client told it, and the teardown is proven."""
        found = [] if (record.get("teardown") or {}).get("proven") else [f"{record['route']}: its teardown is not proven"]
        s3 = self.context.cloud.client("s3", self.region)
        bucket = names.evidence_bucket(self.context.strategy.prefix, self.region, self.context.strategy.account)
        written = json.loads(s3.get_object(Bucket=bucket, Key=record["key"])["Body"].read())
        if written != {key: value for key, value in record.items() if key != "key"}:
            found.append(f"{record['key']} is not what the client told")
        return found

    @contextmanager
    def _damaged(self) -> Iterator[None]:
        strike = strike_transaction(self.world.stores, self.region)
        self.context.cloud.before_invoke.append(strike)
        try:
            yield
        finally:
            self.context.cloud.before_invoke.remove(strike)

    # ------------------------------------------------------------------ the judgement
    def _look(self, kind: Kind) -> Look:
        return look(self.world.stores, kind, self.region, self.used[kind], now=self.context.cloud.clock.now())

    def _inventory(self) -> set[str]:
        """What there is that a drill could have left."""
        rds, dynamodb = self.context.cloud.client("rds", self.region), self.context.cloud.client("dynamodb", self.region)
        instances = {each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]}
        kept = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
        return (
            instances
            | {f"backups of {each['DBInstanceIdentifier']}" for each in kept}
            | set(dynamodb.list_tables()["TableNames"])
        )

    def _left(self, before: set[str]) -> list[str]:
        now = self._inventory()
        return [f"{each} was left" for each in sorted(now - before)] + [f"{each} is gone" for each in sorted(before - now)]

    def _untouched(self, kind: Kind, before: Look) -> list[str]:
        """The store that served before: same endpoint, same settings, and no row that the services did not write."""
        name = self.used[kind]
        found = [] if self.world.stores.used(kind, self.region) == name else [f"the endpoint of {name} was moved"]
        arn = self.world.stores.arn(kind, self.region, name)
        found += [f"{name}: {each}" for each in touched(before, self._look(kind), self.world.ledger, arn)]
        for service in self.world.application.services.values():
            if not service.running:
                found.append(f"the {service.name} service stopped: {service.ended_by}")
        if kind == "mysql":
            users = {names.service_user(each) for each in self.world.application.services}
            missing = users - connected(self.world.stores, self.region, name)
            found += [f"{name}: {user} is no longer connected" for user in sorted(missing)]
        return found

    def _content(self) -> tuple[int, int]:
        """Of the live stores, compared with the ledger."""
        stores, ledger = self.world.stores, self.world.ledger
        with self.world.application.still():
            arns = {kind: stores.arn(kind, self.region, self.used[kind]) for kind in _KINDS}
            with stores.mysql(self.region, self.used["mysql"]) as connection:
                rows = total(judge_rows(connection, ledger, arns["mysql"]))
            items = judge_items(stores.dynamodb(self.region), self.used["dynamodb"], ledger, arns["dynamodb"])
        if not (rows.sound and items.sound):
            raise ScenarioFailed(f"the live stores are not what the bank wrote: {rows}, {items}")
        return rows.present, items.present


def _records(answer: Answer) -> list[dict[str, Any]]:
    """Of each drill that the client followed to its end."""
    try:
        document = json.loads(answer.said)
    except ValueError as error:
        raise ScenarioFailed(f"{answer.command} ended {answer.code} and said: {answer.said.strip()[-600:]}") from error
    return [each["record"] for each in document["drills"] if each["record"]]


def _told(record: dict[str, Any]) -> str:
    slowest = max(record.get("steps", []), key=lambda each: each["seconds"] or 0, default=None)
    said = f"{record['route']}: {record['outcome']}, data {record.get('rpo_seconds')} s old"
    return said + (f"; longest step {slowest['step']!r}, {slowest['seconds']} modelled seconds" if slowest else "")

"""Seeded restores under trouble: each run draws a route, a mode and a trouble, breaks the restore with it, and ends it.

Enters: a deployed and loaded world. Leaves the same world: what a run made is taken away again. A run is well when
the restore ended verified, if need be by a second attempt of the same plan after the trouble was over, or was refused before
anything was made; when at most one store was made for the plan; and when the old store is as it was. Every attempt that failed
must say in which step, and which command comes next.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from recovery.restore.plan import Plan
from recovery.restore.planner import Asked
from rehearsal.bank import judge_items, judge_rows, total
from rehearsal.scenarios.attempts import REAL_SECONDS, Attempt, Attempts, unhelpful
from rehearsal.scenarios.backup import backed_up
from rehearsal.scenarios.base import Context, ScenarioFailed, World, wait_for
from rehearsal.scenarios.client import planned
from rehearsal.scenarios.fault_context import Night
from rehearsal.scenarios.observations import Look, fenced_table, look, touched
from rehearsal.scenarios.region_loss import convicted
from rehearsal.scenarios.restore_faults import ABANDONED, TROUBLES, fitting
from rehearsal.scenarios.store_faults import instances
from rehearsal.scenarios.workload import work
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route
from strategy.checks.schedule import runs

AGO = timedelta(minutes=15)
"""How far back a point-in-time restore goes: beyond what point-in-time recovery lags."""
CLEAR = timedelta(hours=3)
"""A run that switches keeps this far from scheduled backups, on either side."""
LAST = 3
"""Attempts of one plan before a run is given up."""


@dataclass
class FaultRun:
    """What one seed came to. No `problems`: it went well."""

    seed: int
    route: Route
    mode: Mode
    trouble: str
    attempts: list[Attempt] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """Stores that were not there before."""
    recovered_or_clean: bool = False
    old_touched: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def duplicates(self) -> int:
        return max(0, len(self.made) - 1)

    def __str__(self) -> str:
        ends = " → ".join(map(str, self.attempts))
        return f"seed {self.seed}: {self.route} ({self.mode}), {self.trouble}: {ends}; {'; '.join(self.problems) or 'well'}"


class FaultBench:
    """Runs one seed after another in one world, whose services stand still but for the runs that switch."""

    def __init__(self, context: Context, world: World) -> None:
        self.context, self.world = context, world
        self.region, self.stores = context.primary, world.stores
        self.cloud = context.cloud
        backed_up(context, world)
        world.application.stop()

    def run(self, seed: int) -> FaultRun:
        started, chance = time.perf_counter(), random.Random(f"fault {seed}")
        route = chance.choice(list(Route))
        mode = chance.choices((Mode.BESIDE, Mode.SWITCH), (4, 1))[0]
        run = FaultRun(seed, route, mode, chance.choice(fitting(route, mode)))
        try:
            self._strike(run, chance)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this run's failure: the next one has its own
            run.problems.append(f"{type(error).__name__}: {error}")
        run.seconds = time.perf_counter() - started
        return run

    # ------------------------------------------------------------------ a run
    def _strike(self, run: FaultRun, chance: random.Random) -> None:
        self._let_time_pass(run.mode)
        before, old = self._stores(), self._look(run.route)
        plan = self._plan(run.route, run.mode)
        if run.mode is Mode.SWITCH:
            self.world.application.start()
            work(self.world, 4)
        try:
            self._attempts(run, plan, chance, before)
            self._judge(run, plan, before, old)
        except ScenarioFailed as error:
            run.problems.append(str(error))
        finally:
            self._put_back(plan, before)

    def _let_time_pass(self, mode: Mode) -> None:
        """Past what point-in-time recovery lags; and nobody writes while a backup is taken, or its moment would be none."""
        clock = self.cloud.clock
        soon = clock.now() + 2 * AGO
        rules = (runs(rule.schedule, soon, soon + CLEAR) for rule in self.context.strategy.rules)
        backups = [moment for each in rules for moment in each] if mode is Mode.SWITCH else []
        clock.advance_to(max(backups, default=soon - CLEAR) + CLEAR)

    def _plan(self, route: Route, mode: Mode) -> Plan:
        moment = self.cloud.clock.now() - AGO if route.to_a_moment else None
        return planned(self.context, Asked(route, mode, moment=moment))

    def _attempts(self, run: FaultRun, plan: Plan, chance: random.Random, before: set[str]) -> None:
        """The first under trouble, the others after it, until one recovers."""
        attempts = Attempts(self.context, plan)
        run.attempts = attempts.ended
        with TROUBLES[run.trouble](Night(self.cloud, plan, chance, attempts.stop)):
            if run.trouble == ABANDONED:
                run.problems += attempts.abandon(chance)
            else:
                attempts.start()
        first = run.attempts[0]
        if not first.recovered and not self._stores() - before:  # what took its name is gone again
            run.recovered_or_clean = True
        run.problems += unhelpful(first, plan)
        while not run.attempts[-1].recovered and len(run.attempts) < LAST:
            attempts.start()
        if run.attempts[-1].recovered:
            run.recovered_or_clean = True
        else:
            run.problems.append("it did not recover after the trouble was over")

    # ------------------------------------------------------------------ the judgement
    def _judge(self, run: FaultRun, plan: Plan, before: set[str], old: Look) -> None:
        run.made = sorted(self._stores() - before)
        if run.duplicates or (run.attempts[-1].recovered and run.made != [plan.target.name]):
            run.problems.append(f"made were {run.made}, not {plan.target.name} alone")
        with self.world.application.still():
            run.old_touched = touched(old, self._look(plan.route), self.world.ledger, plan.source.arn)
            run.problems += [f"{plan.source.name}: {each}" for each in run.old_touched]
            if run.attempts[-1].recovered:
                run.problems += self._content(plan)
        beside = plan.mode is Mode.BESIDE and plan.route.kind == "dynamodb"
        if beside and fenced_table(self.stores.dynamodb(self.region), plan.source.arn):
            run.problems.append(f"{plan.source.name} is fenced")

    def _content(self, plan: Plan) -> list[str]:
        ledger, name, arn = self.world.ledger, plan.target.name, plan.target.arn
        ledger.restored(arn, of=plan.source.arn, moment=plan.data_of)
        if plan.route.kind == "dynamodb":
            return convicted({"items": judge_items(self.stores.dynamodb(self.region), name, ledger, arn)})
        with self.stores.mysql(self.region, name) as connection:
            return convicted({"rows": total(judge_rows(connection, ledger, arn))})

    def _look(self, route: Route) -> Look:
        name = self.stores.instance_name if route.kind == "mysql" else self.stores.table_name
        return look(self.stores, route.kind, self.region, name, now=self.cloud.clock.now())

    def _stores(self) -> set[str]:
        tables = self.stores.dynamodb(self.region).list_tables()["TableNames"]
        return {*tables, *instances(self.stores.client("rds", self.region))}

    # ------------------------------------------------------------------ afterwards
    def _put_back(self, plan: Plan, before: set[str]) -> None:
        """The application on the old store, which may be written to again; nothing of the plan's is left."""
        self.world.application.stop()
        if plan.route.kind == "mysql":
            with self.stores.mysql(self.region, plan.source.name) as connection, connection.cursor() as cursor:
                for service in plan.services:
                    cursor.execute("ALTER USER %s@'%%' ACCOUNT UNLOCK", (names.service_user(service),))
        elif fenced_table(self.stores.dynamodb(self.region), plan.source.arn):
            self.stores.dynamodb(self.region).delete_resource_policy(ResourceArn=plan.source.arn)
        self._point_back(plan)
        for name in self._stores() - before:
            self._delete(plan, name)
        wait_for(lambda: self._stores() <= before, what=f"what {plan.plan_id} made to be deleted")

    def _point_back(self, plan: Plan) -> None:
        value: dict[str, Any] = {"resource": plan.source.name}
        if plan.route.kind == "mysql":
            rds = self.stores.client("rds", self.region)
            at = rds.describe_db_instances(DBInstanceIdentifier=plan.source.name)["DBInstances"][0]["Endpoint"]
            value |= {"host": at["Address"], "port": at["Port"]}
        name = names.endpoint(plan.prefix, plan.store)
        self.stores.client("ssm", self.region).put_parameter(Name=name, Value=json.dumps(value), Overwrite=True)

    def _delete(self, plan: Plan, name: str) -> None:
        if plan.route.kind == "dynamodb":
            dynamodb = self.stores.dynamodb(self.region)
            _when(partial(_active, dynamodb, name), f"{name} to be ACTIVE")
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
            dynamodb.delete_table(TableName=name)
            return
        rds = self.stores.client("rds", self.region)
        _when(partial(_available, rds, name), f"{name} to be available")
        rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
        _when(partial(_available, rds, name), f"{name} to be available")
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def figures(runs: list[FaultRun]) -> dict[str, float]:
    """What the benchmark reports."""
    return {
        "faults.runs": len(runs),
        "faults.recovered_or_clean": sum(run.recovered_or_clean for run in runs),
        "faults.duplicates": sum(run.duplicates for run in runs),
        "faults.old_touched": sum(bool(run.old_touched) for run in runs),
    }


def _when(ready: Callable[[], bool], what: str) -> None:
    wait_for(ready, what=what, seconds=REAL_SECONDS)


def _active(dynamodb: Any, name: str) -> bool:
    try:
        return bool(dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")
    except dynamodb.exceptions.ResourceNotFoundException:  # made this moment
        return False


def _available(rds: Any, name: str) -> bool:
    status = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]
    return bool(status in {"available", "failed"})

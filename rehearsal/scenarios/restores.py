"""One store is damaged in a region that stands, and a person brings it back with the client, along one of the documented routes.

Enters: a world at work. Leaves: an `Outcome`, and the services on the store that came back. Nothing here restores anything: the
client and the deployed workflow do. This module breaks, types the command, and judges: the content against the ledger, the old
store against how it was before, the new one's settings against the old one's, and where the services are connected.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from rehearsal.bank import Counts, Service, judge_items, judge_rows, total
from rehearsal.result import Outcome
from rehearsal.scenarios.backup import backed_up
from rehearsal.scenarios.base import Context, ScenarioFailed, World
from rehearsal.scenarios.client import Answer, recovery
from rehearsal.scenarios.damage import Damage, damage_items, damage_rows
from rehearsal.scenarios.heartbeat import LASTS, beat_until, measured
from rehearsal.scenarios.observations import Look, connected, fenced_table, look, settings, touched
from rehearsal.scenarios.region_loss import convicted
from rehearsal.scenarios.workflow import Execution, newest_execution
from rehearsal.scenarios.workload import ROUNDS_PER_HOUR, work, work_until
from strategy.catalogue import names
from strategy.catalogue.routes import Kind, Mode, Route

UNNOTICED = timedelta(minutes=25)
"""Between the damage and the person who types the command: longer than point-in-time recovery lags."""
BEFORE = timedelta(minutes=40)
"""How long the bank works before it is damaged."""


@dataclass(frozen=True)
class Case:
    """One scenario of this kind."""

    route: Route
    mode: Mode = Mode.SWITCH

    @property
    def name(self) -> str:
        return str(self.route) if self.mode is Mode.SWITCH else f"{self.route}-{self.mode}"

    @property
    def kind(self) -> Kind:
        return self.route.kind

    def __call__(self, context: Context, world: World) -> Outcome:
        """Back up if nobody did, damage, restore with the client, judge: numbered steps."""
        return _Restore(self, context, world).run()


class _Restore:
    def __init__(self, case: Case, context: Context, world: World) -> None:
        self.case, self.context, self.world = case, context, world
        self.region, self.stores, self.ledger = context.primary, world.stores, world.ledger
        self.backup = backed_up(context, world)
        self.old = self.stores.used(case.kind, self.region)
        self.old_arn = self.stores.arn(case.kind, self.region, self.old)

    def run(self) -> Outcome:
        started, case, progress = time.perf_counter(), self.case, self.context.progress
        what = "MySQL rows" if case.kind == "mysql" else "DynamoDB items"
        with progress.step(f"{case.name}: keep the bank busy, and let a bad deployment damage its {what}") as detail:
            work_until(self.context, self.world, self.context.cloud.clock.now() + BEFORE, detail)
            beat_until(self.context, self.context.cloud.clock.now() + LASTS)
            damage = (damage_rows if case.kind == "mysql" else damage_items)(self.context, self.world)
            rounds = work_until(self.context, self.world, self.context.cloud.clock.now() + UNNOTICED, detail)
            detail.note(
                f"{damage.touched:,} {what} deleted or altered, the last good second is {damage.moment:%H:%M:%S} UTC;"
                f" {rounds} rounds of the services followed"
            )
            before = self._look()
        noticed = self.context.cloud.clock.now()
        with progress.step(f"{case.name}: restore with the client") as detail:
            answer = recovery(self.context, "restore", *self._words(damage), detail=detail)
            execution = newest_execution(self.context, self.region, case.route)
            if execution is None:
                raise ScenarioFailed(f"{answer.command} ended {answer.code} without an execution: {answer.said.strip()[-600:]}")
            detail.note(f"{answer.command}")
            detail.note(
                f"exit {answer.code}; the workflow ended {execution.status} after {execution.minutes:.0f} modelled minutes"
            )
        with progress.step(f"{case.name}: judge what the application uses now, and what was left behind") as detail:
            counts = self._judge(damage)
            judged = total(counts)
            detail.note(f"{judged.present:,} are as they must be, {judged.lost:,} lost, {judged.reverted:,} back before a change")
            findings = [*self._told(answer, execution), *convicted(counts), *self._left(before), *self._used(before)]
        data_of = damage.moment if case.route.to_a_moment else self.backup
        mysql = case.kind == "mysql"
        return Outcome(
            name=case.name,
            title=f"a bad deployment damaged {damage.touched:,} {what}; {self._how()}",
            outcome="recovered" if execution.output.get("outcome") == "recovered" else "failed",
            verified=not findings,
            rows=judged.present if mysql else 0,
            items=0 if mysql else judged.present,
            lost_rows=judged.lost if mysql else 0,
            lost_items=0 if mysql else judged.lost,
            reverted_rows=judged.reverted,
            damaged=damage.touched,
            rpo_seconds=0.0 if case.mode is Mode.REPAIR else round((noticed - data_of).total_seconds(), 1),
            heartbeat_seconds=measured([execution.output.get("verification") or {}], damage.moment),
            wall_seconds=round(time.perf_counter() - started, 1),
            findings=findings,
            moments={
                **({} if case.route.to_a_moment else {"backup": _second(self.backup)}),
                "damaged": _second(damage.moment),
                "noticed": _second(noticed),
                "in use again": _second(self.context.cloud.clock.now()),
            },
            timeline=execution.timeline,
        )

    # ------------------------------------------------------------------ the command
    def _words(self, damage: Damage) -> list[str]:
        words = [str(self.case.route), "--yes"]
        if self.case.route.to_a_moment:
            words += ["--at", damage.moment.strftime("%Y-%m-%dT%H:%M:%SZ")]
        return words if self.case.mode is Mode.SWITCH else [*words, "--mode", str(self.case.mode)]

    def _how(self) -> str:
        if self.case.mode is Mode.REPAIR:
            return "the live table was repaired from the second before"
        return "the second before came back" if self.case.route.to_a_moment else "the newest recovery point came back"

    # ------------------------------------------------------------------ the judgement
    def _judge(self, damage: Damage) -> dict[str, Counts]:
        """After a few more rounds of the services, wherever they are."""
        kind, new = self.case.kind, self.stores.used(self.case.kind, self.region)
        arn = self.stores.arn(kind, self.region, new)
        if arn != self.old_arn:
            first = self.stores.instance_name if kind == "mysql" else self.stores.table_name
            of = self.old_arn if self.case.route.to_a_moment else self.stores.arn(kind, self.region, first)
            self.ledger.restored(arn, of=of, moment=damage.moment if self.case.route.to_a_moment else self.backup)
        work(self.world, ROUNDS_PER_HOUR)
        with self.world.application.still():
            if kind == "dynamodb":
                items = judge_items(self.stores.dynamodb(self.region), new, self.ledger, arn, before=self.old_arn)
                return {"audit items": items}
            with self.stores.mysql(self.region, new) as connection:
                return judge_rows(connection, self.ledger, arn, before=self.old_arn)

    @staticmethod
    def _told(answer: Answer, execution: Execution) -> list[str]:
        """The client's and the workflow's own words, where they are not good news."""
        found = [] if answer.code == 0 else [f"the client ended {answer.code}: {answer.said.strip()[-400:]}"]
        if execution.output.get("outcome") != "recovered":
            found.append(f"the workflow ended {execution.status}: {execution.output.get('problem') or execution.cause}")
        verdict = execution.output.get("verification", {}).get("verdict")
        return found if verdict == "passed" else [*found, f"the verification's verdict is {verdict}"]

    def _look(self) -> Look:
        with self.world.application.still():
            return look(self.stores, self.case.kind, self.region, self.old, now=self.context.cloud.clock.now())

    def _left(self, before: Look) -> list[str]:
        """The old store: as it was, and without writers. After a repair it is the live one, and only its settings are held."""
        if self.case.mode is Mode.REPAIR:
            now = settings(self.stores, self.case.kind, self.region, self.old)
            return [] if now == before.settings else [f"{self.old}: its settings were changed: {now}"]
        found = [f"{self.old}: {each}" for each in touched(before, self._look(), self.ledger, self.old_arn)]
        if self.case.kind == "mysql":
            users = connected(self.stores, self.region, self.old) & self._users()
            return [*found, *(f"{self.old}: {user} is still connected" for user in sorted(users))]
        fenced = fenced_table(self.stores.dynamodb(self.region), self.old_arn)
        return found if fenced else [*found, f"{self.old}: can still be written to"]

    def _used(self, before: Look) -> list[str]:
        """The store that the application uses now: it is the new one, is like the old one, and every service is on it."""
        new = self.stores.used(self.case.kind, self.region)
        found = []
        if (new == self.old) != (self.case.mode is Mode.REPAIR):
            found.append(f"the endpoint names {new}")
        now = settings(self.stores, self.case.kind, self.region, new)
        # More tags are no loss: CloudFormation hands a stack's on to what it makes, the embedded one does not, a restore does.
        found += [
            f"{new}: its {name} is {now.get(name)!r}, of the old store it is {value!r}"
            for name, value in before.settings.items()
            if (now.get(name) != value if name != "tags" else not value.items() <= now.get(name, {}).items())
        ]
        arn = self.stores.arn(self.case.kind, self.region, new)
        for name, service in self._services().items():
            if not service.running or arn not in service.uses:
                found.append(f"the {name} service does not use {new}: {service.ended_by or 'it was not restarted'}")
        if self.case.kind == "mysql":
            missing = self._users() - connected(self.stores, self.region, new)
            found += [f"{new}: {user} is not connected" for user in sorted(missing)]
        return found

    def _services(self) -> dict[str, Service]:
        store = self.stores.mysql_store if self.case.kind == "mysql" else self.stores.table_store
        using = {each.name for each in self.context.strategy.services_of(store.name)}
        return {name: service for name, service in self.world.application.services.items() if name in using}

    def _users(self) -> set[str]:
        return {names.service_user(name) for name in self._services()}


def _second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

"""Everything about every store, asked of one region at once: a tired person waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from recovery import endpoint
from recovery.aws import AwsTrouble, NotChecked, Region, ask
from recovery.drills.proof import Proof, proofs
from recovery.status import premises, sources
from recovery.status.facts import Fact, Premise
from recovery.status.judgement import Promise, Source, StoreStatus, judge, promise
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from strategy.catalogue.store_arns import arn
from strategy.contracts.requests.drills import proofs_for
from strategy.model.strategy import DynamoDbStore, MySqlStore, Scenario, Store

REGION_WORKFLOW = "recover-region"
_AT_ONCE = 12
_NO_ENDPOINT = "the region has none: no application runs here"
_POINT_IN_TIME = "point-in-time recovery"
_FROM_COPIES, _REPLICATED = "copies", "replicated automated backups"
_READ_REPLICA, _TABLE_REPLICA = "read replica", "replica of the table"

Client = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Status:
    """What one region can restore at one moment."""

    region: str
    role: str
    now: datetime
    stores: tuple[StoreStatus, ...]
    proofs: tuple[Proof, ...] | NotChecked = ()
    """What drills and checks of the data have proved; what is unproved may work all the same, and breaks no promise of data."""

    @property
    def unproved(self) -> tuple[str, ...]:
        found = () if isinstance(self.proofs, NotChecked) else self.proofs
        return tuple(f"{each.what}: {each.because}" for each in found if not each.proved)

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(f"{each.store}: {problem}" for each in self.stores for problem in each.problems)

    @property
    def not_checked(self) -> tuple[str, ...]:
        found = [f"{each.store}: {what}" for each in self.stores for what in each.not_checked]
        return (*found, *([f"drills: {self.proofs.because}"] if isinstance(self.proofs, NotChecked) else []))


def survey(strategy: Strategy, region: Region, now: datetime) -> Status:
    """Raises AwsTrouble when the region cannot be asked, or when the credentials are another account's."""
    caller = ask(region.name, lambda: region.client("sts").get_caller_identity()["Account"])
    if isinstance(caller, str) and caller != strategy.account:
        raise AwsTrouble(
            f"the credentials are of account {caller}, {strategy.environment} is {strategy.account}: choose another AWS_PROFILE"
        )
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        promised, s3 = proofs_for(strategy, region.name), region.client("s3")
        proved = threads.submit(ask, region.name, lambda: proofs(promised, s3, now=now))
        started = [_Questions(strategy, region, store, now, threads) for store in strategy.stores]
        stores = tuple(each.answer() for each in started)
    role = "primary" if region.name == strategy.regions.primary else "recovery"
    return Status(region.name, role, now, stores, proved.result())


class _Questions:
    """About one store: all are on their way when this is made."""

    def __init__(self, strategy: Strategy, region: Region, store: Store, now: datetime, threads: ThreadPoolExecutor) -> None:
        self._strategy, self._region, self._store, self._now, self._threads = strategy, region, store, now, threads
        self._primary = region.name == strategy.regions.primary
        self._arn = arn(strategy, store, region.name)
        self._elsewhere = arn(strategy, store, strategy.regions.other(region.name))
        self._name = re.split("[:/]", self._arn)[-1]
        self._in_use = threads.submit(ask, region.name, self._read_in_use)
        self._sources = list(self._ask_sources())
        self._premises = list(self._ask_premises())

    def answer(self) -> StoreStatus:
        judged: list[Source] = [
            judge(future.result(), promise=promised, where=where, now=self._now) for where, promised, future in self._sources
        ]
        found = tuple(future.result() for future in self._premises)
        in_use = self._in_use.result()
        found = (*found, Premise("endpoint", self._not_adopted(in_use), in_use if isinstance(in_use, str) else _NO_ENDPOINT))
        return StoreStatus(self._store.name, str(self._store.kind), self._name, tuple(judged), found, in_use)

    def _read_in_use(self) -> str | None:
        return endpoint.resource(self._region.client("ssm"), self._strategy.prefix, self._store.name)

    def _not_adopted(self, in_use: str | NotChecked | None) -> str | NotChecked | None:
        if isinstance(in_use, NotChecked):
            return in_use
        where = f"--env {self._strategy.environment} --region {self._region.name}"
        return premises.adopted(in_use, self._name, f"python -m recovery adopt {{}} {where}")

    # ------------------------------------------------------------------ data
    def _ask_sources(self) -> Iterator[tuple[str, Promise | None, Future[Fact]]]:
        store, prefix = self._store, self._strategy.prefix
        yield from self._windows(store)
        own = self._promise(Scenario.RECOVERY_POINT, "recovery points") if self._primary else None
        yield "backup vault", own, self._points(names.backup_vault(prefix), self._arn)
        copies = None if self._primary else self._promise(Scenario.REGION_LOSS, _FROM_COPIES)
        yield "copy vault", copies, self._points(names.copy_vault(prefix), self._elsewhere)

    def _windows(self, store: Store) -> Iterator[tuple[str, Promise | None, Future[Fact]]]:
        """Native point-in-time recovery where the store runs; in the recovery region what else is promised to be there."""
        dynamodb, rds = self._region.client("dynamodb"), self._region.client("rds")
        if self._primary:
            kept = replace(self._promise(Scenario.POINT_IN_TIME, _POINT_IN_TIME), keeps=store.point_in_time)
            if isinstance(store, MySqlStore):
                found = self._fact(lambda: sources.mysql_window(rds, self._arn))
            else:
                found = self._fact(lambda: sources.table_window(dynamodb, self._name))
            yield "point in time", kept, found
        elif isinstance(store, MySqlStore):
            if store.replicated_backups:
                kept = replace(self._promise(Scenario.REGION_LOSS, _REPLICATED), keeps=store.replicated_backups_keep)
                yield "replicated backups", kept, self._fact(lambda: sources.mysql_window(rds, self._elsewhere))
            if store.read_replica:
                name = names.read_replica(self._strategy.prefix, store.name)
                replica = self._fact(lambda: sources.read_replica(rds, name))
                yield "read replica", self._promise(Scenario.REGION_LOSS, _READ_REPLICA), replica
        elif store.replica:
            live = self._promise(Scenario.REGION_LOSS, _TABLE_REPLICA)
            yield "table replica", live, self._fact(lambda: sources.replica_table(dynamodb, self._name))
            history = replace(self._promise(Scenario.POINT_IN_TIME, _POINT_IN_TIME), keeps=store.point_in_time)
            yield "replica's point in time", history, self._fact(lambda: sources.table_window(dynamodb, self._name))

    def _points(self, vault: str, resource: str) -> Future[Fact]:
        client, strategy = self._region.client, self._strategy
        bucket = names.evidence_bucket(strategy.prefix, self._region.name, strategy.account)
        clients = (client("backup"), client("kms"), client("s3"))
        return self._fact(
            lambda: sources.newest_point(
                self._region.name,
                clients,
                vault=vault,
                resource=resource,
                kind=str(self._store.kind),
                store=self._store.name,
                bucket=bucket,
                now=self._now,
            )
        )

    def _promise(self, scenario: Scenario, way: str) -> Promise:
        return promise(self._strategy, self._store, scenario, way, self._now)

    def _fact(self, read: Callable[[], Fact]) -> Future[Fact]:
        return self._threads.submit(ask, self._region.name, read)

    # ------------------------------------------------------------------ premises
    def _ask_premises(self) -> Iterator[Future[Premise]]:
        store, strategy, region, client = self._store, self._strategy, self._region.name, self._region.client
        prefix = strategy.prefix
        iam, role = client("iam"), names.role(prefix, "restore", region)
        yield self._premise("restore role", lambda: premises.restore_role(iam, role))
        if isinstance(store, MySqlStore):
            rds, secrets = client("rds"), client("secretsmanager")
            yield self._premise("subnet group", lambda: premises.subnet_group(rds, names.subnet_group(prefix)))
            yield self._premise("parameter group", lambda: premises.parameter_group(rds, names.parameter_group(prefix)))
            if store.source == "managed":
                secret = names.database_secret(prefix, store.name)
                yield self._premise("password secret", lambda: premises.secret(secrets, secret))
            yield self._name_is_free(store, lambda: premises.instance_exists(rds, self._name))
        else:
            dynamodb = client("dynamodb")
            yield self._name_is_free(store, lambda: premises.table_exists(dynamodb, self._name))
        routes = [str(route) for route in Route if route.kind == store.kind]
        for workflow in routes if self._primary else [REGION_WORKFLOW]:
            machine = names.state_machine_arn(prefix, workflow, region, strategy.account)
            what = "region workflow" if workflow == REGION_WORKFLOW else f"workflow {workflow}"
            yield self._premise(what, partial(premises.workflow, client("stepfunctions"), machine))

    def _premise(self, what: str, read: Callable[[], str | NotChecked | None]) -> Future[Premise]:
        return self._threads.submit(lambda: Premise(what, ask(self._region.name, read)))

    def _name_is_free(self, store: Store, exists: Callable[[], bool]) -> Future[Premise]:
        """In the primary the live store holds its name, and a restore goes beside it; in the recovery region the region
        workflow needs the name, unless a replica of the table has it, which then needs no restore.
        """
        replica = isinstance(store, DynamoDbStore) and store.replica

        def read() -> Premise:
            taken = ask(self._region.name, exists)
            if isinstance(taken, NotChecked):
                return Premise("name", taken)
            if not taken:
                return Premise("name", None, f"{self._name} is free")
            if self._primary:
                return Premise("name", None, f"{self._name} is the live store: a restore goes beside it, under another name")
            if replica:
                return Premise("name", None, f"{self._name} is the replica: a restore goes beside it, under another name")
            return Premise("name", f"{self._name} is taken: if it was recovered already, swap the regions; else rename it")

        return self._threads.submit(read)

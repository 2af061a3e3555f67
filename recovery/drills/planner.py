"""The plan of a drill, made in AWS from what the strategy wants of a region (`strategy.contracts.drills`). Makes only read calls.

It is a restore plan like any other (`recovery.restore.plan`): mode beside, marked as a drill, in the drills' own subnets. Its id
follows from the drill's execution, so that whoever knows the execution finds what it made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from recovery import endpoint, recovery_points
from recovery.evidence import bucket
from recovery.recovery_points import Keys, NoUsableRecoveryPoint
from recovery.restore.plan import Place, Plan, PlannedStep, RecoveryPoint
from recovery.restore.settings.dynamodb import wanted_dynamodb
from recovery.restore.settings.live import live_mysql, live_table
from recovery.restore.settings.mysql import wanted_mysql
from recovery.status.facts import Missing, Window
from recovery.status.sources import is_missing, mysql_window, table_window
from strategy.catalogue import names
from strategy.catalogue.drill_steps import Purpose
from strategy.catalogue.routes import Mode, Route, steps
from strategy.contracts.contract import Document
from strategy.contracts.drills import Drilled, DrilledStore

Client = Callable[[str], Any]
_SECOND = timedelta(seconds=1)


class CannotDrill(Exception):
    """What was asked for cannot be drilled here, or there is nothing to restore; the message says what was looked at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`execution`: ARN of the drill's own."""

    route: Route
    store: str
    purpose: Purpose
    execution: str
    by: str


def asked_of(asked: Document, execution: str) -> Asked:
    """What a drill's execution was started with. Raises CannotDrill."""
    try:
        route, purpose = Route(asked["route"]), Purpose(asked.get("purpose", Purpose.DRILL))
        store = str(asked["store"])
    except (KeyError, ValueError) as error:
        raise CannotDrill(f"a drill is asked for by route and store, this was {dict(asked)}: {error}") from error
    return Asked(route, store, purpose, execution, str(asked.get("by", "schedule")))


def plan_id_of(execution: str) -> str:
    """Of what the drill of that execution makes."""
    return f"r{hashlib.sha256(execution.encode()).hexdigest()[:8]}"


def plan(wanted: Drilled, asked: Asked, client: Client, *, now: datetime) -> Plan:
    """Raises CannotDrill. Asked again with the same execution, it is a plan of the same id, for newer data."""
    store = next((each for each in wanted.stores if each.name == asked.store), None)
    if store is None or str(asked.route) not in store.routes:
        allowed = ", ".join(f"{route} of {each.name}" for each in wanted.stores for route in each.routes)
        raise CannotDrill(f"{asked.route} of {asked.store} is not drilled in {wanted.region}; allowed: {allowed}")
    found = _Source(wanted, store, asked, client, now)
    plan_id, here = plan_id_of(asked.execution), wanted.region
    target = names.restored(found.place.name, plan_id)
    made = Plan(
        plan_id=plan_id,
        route=asked.route,
        mode=Mode.BESIDE,
        environment=wanted.environment,
        prefix=wanted.prefix,
        account=wanted.account,
        region=here,
        store=store.name,
        source=found.place,
        target=Place(target, names.store_arn(store.kind, here, wanted.account, target)),
        moment=found.moment,
        recovery_point=found.point,
        manifest_key=found.manifest,
        settings=_settings(wanted, store, found, client, plan_id),
        verification=store.verification.to_json(),
        services=store.services,
        steps=tuple(PlannedStep(step, store.expected_seconds.get(step)) for step in steps(asked.route, Mode.BESIDE)),
        made=now.replace(microsecond=0),
        made_by=asked.by,
        drill=True,
    )
    made.check()
    return made


class _Source:
    """What is restored: the newest there is; or, to check the data, the second of the newest manifest."""

    def __init__(self, wanted: Drilled, store: DrilledStore, asked: Asked, client: Client, now: datetime) -> None:
        self._wanted, self._store, self._asked, self._client, self._now = wanted, store, asked, client, now
        name = endpoint.in_use(client("ssm"), wanted.prefix, store.name, otherwise=store.physical)
        self.place = Place(name, names.store_arn(store.kind, wanted.region, wanted.account, name))
        self.moment: datetime | None = None
        self.point: RecoveryPoint | None = None
        if asked.route.to_a_moment:
            self.manifest = self._to_a_moment()
        else:
            self.manifest = self._from_point()

    def _to_a_moment(self) -> str | None:
        window = self._window()
        newest = window.latest.astimezone(UTC).replace(microsecond=0)
        manifest = bucket.newest_manifest(self._client("s3"), self._wanted.evidence, self._store.name, newest)
        self.moment = newest
        if self._asked.purpose is Purpose.INTEGRITY and manifest is not None:
            # A key names the second in which the manifest was taken: the next one has all of it, and hardly anything more.
            self.moment = bucket.manifest_moment(manifest) + _SECOND
            if self.moment < window.earliest:
                raise CannotDrill(f"the newest manifest of {self._store.name}, {manifest}, is older than what can be restored")
        return manifest

    def _window(self) -> Window:
        if self._store.kind == "dynamodb":
            found = table_window(self._client("dynamodb"), self.place.name)
        else:
            rds = self._client("rds")
            if self._wanted.role == "recovery":
                self.place = _replicated(rds, self.place, self._store.physical, self._wanted.region)
            found = mysql_window(rds, self.place.arn)
        if isinstance(found, Missing):
            raise CannotDrill(f"{self.place.name} cannot be restored to a point in time: {found.why}")
        return found

    def _from_point(self) -> str | None:
        """The newest usable one: in the primary region a backup, in the recovery region a copy."""
        vault_of = names.copy_vault if self._wanted.role == "recovery" else names.backup_vault
        vault, kind, name = vault_of(self._wanted.prefix), self._store.kind, self._store.name
        try:
            listed = recovery_points.list_named(self._client("backup"), vault, kind=kind, name=names.base(self._store.physical))
            keys = Keys(self._client("kms"))
            begun = [each for each in listed if each.created <= self._now]
            chosen = recovery_points.choose(begun, kind=kind, store=name, vault=vault, keys=keys, now=self._now).point
        except NoUsableRecoveryPoint as none:
            raise CannotDrill(str(none)) from none
        except ClientError as error:
            if is_missing(error):
                raise CannotDrill(f"there is no vault {vault} in {self._wanted.region}") from error
            raise
        self.point = RecoveryPoint(chosen.arn, vault, chosen.created)
        return bucket.nearest_manifest(self._client("s3"), self._wanted.evidence, name, chosen.created)


def _replicated(rds: Any, place: Place, physical: str, here: str) -> Place:
    """The other region's instance whose automated backups are replicated to here; itself where there is none."""
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate()
    arns = [
        str(each["DBInstanceArn"]) for page in pages for each in page["DBInstanceAutomatedBackups"] if "DBInstanceArn" in each
    ]
    for arn in arns:
        name = arn.rpartition(":")[2]
        if f":rds:{here}:" not in arn and names.base(name) == names.base(physical):
            return Place(name, arn)
    return place


def _settings(wanted: Drilled, store: DrilledStore, found: _Source, client: Client, plan_id: str) -> dict[str, Any]:
    common: Any = {"tags": dict(wanted.tags), "plan_id": plan_id, "drill": True}
    if store.kind == "dynamodb":
        table = live_table(client("dynamodb"), client("application-autoscaling"), found.place.name)
        return wanted_dynamodb(store=_shape(store), live=table, **common)
    live, point = live_mysql(client("rds"), found.place.name), found.point
    recorded = None
    if point and not live and store.settings.source == "existing":
        answer = client("backup").get_recovery_point_restore_metadata(BackupVaultName=point.vault, RecoveryPointArn=point.arn)
        recorded = answer["RestoreMetadata"]
    network = _network(client("ssm"), wanted.prefix)
    return wanted_mysql(
        store=_shape(store), prefix=wanted.prefix, network=network, live=live, point=recorded, isolated=True, **common
    )


def _shape(store: DrilledStore) -> Any:
    """A store of the strategy as the settings read it."""
    settings = store.settings.to_json()
    days = timedelta(days=settings.pop("point_in_time_days"))
    return SimpleNamespace(name=store.name, kind=store.kind, point_in_time=days, **settings)


def _network(ssm: Any, prefix: str) -> dict[str, str]:
    path = names.parameter(prefix, "network")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
    found = {each["Name"].rpartition("/")[2]: str(each["Value"]) for page in pages for each in page["Parameters"]}
    for each in ("database-security-group", "drill-security-group"):
        if each not in found:
            raise CannotDrill(f"there is no parameter {path}/{each} in this region: deploy {names.stack(prefix, 'standby')}")
    return found

"""What a store would come back from here: copies, replicated backups, replicas; each as fresh as is promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from recovery.aws import NotChecked
from recovery.preflight.line import About, Client, Line
from recovery.status import sources
from recovery.status.facts import Live, Missing, Point
from strategy.contracts.preflight import AgeLimit, PreflightRequest, PreflightStore
from strategy.formatting import duration_text

_MINUTE = timedelta(minutes=1)


def copies(wanted: PreflightRequest, client: Client, now: datetime) -> list[Line]:
    """The newest usable point of each store in the copy vault, chosen as the workflow chooses it, with its manifest."""
    lines = []
    for store in wanted.stores:
        limit = allowed(store.copies, now)
        mend = f"python -m recovery status --env {wanted.environment}  # of the other region: why was it not copied?"
        about = About("copies", store.name, f"at most {duration_text(limit)} old", mend)
        lines.append(_point(about, _newest(wanted, store, client, now), limit, now))
    return lines


def _newest(wanted: PreflightRequest, store: PreflightStore, client: Client, now: datetime) -> Point | Missing:
    backup = client("backup")
    arn = resolved(store.elsewhere, _copied(backup, wanted.vault))
    if arn is None:
        return Missing("the vault has none of it")
    return sources.newest_point(
        wanted.region,
        (backup, client("kms"), client("s3")),
        vault=wanted.vault,
        resource=arn,
        kind=store.kind,
        store=store.name,
        bucket=wanted.evidence,
        now=now,
    )


def _point(about: About, fact: Point | Missing, limit: timedelta, now: datetime) -> Line:
    if isinstance(fact, Missing):
        return about.says("; ".join([fact.why, *fact.reasons]))
    if isinstance(fact.manifest, NotChecked):
        return about.refused(fact.manifest.because)
    if fact.key is not None:
        return about.refused(fact.key.because)
    if fact.manifest is None:
        return about.says("its newest copy has no signed manifest: a restore could not be verified")
    return _aged(about, fact.created, limit, now)


def replicated(wanted: PreflightRequest, client: Client, now: datetime) -> list[Line]:
    """The automated backups that RDS replicates to here."""
    lines = []
    for store in wanted.stores:
        if store.replicated is None:
            continue
        limit = allowed(store.replicated, now)
        arn = resolved(store.elsewhere, _replicated(client("rds")))
        mend = "aws rds start-db-instance-automated-backups-replication --source-db-instance-arn "
        mend += f"{arn or store.elsewhere.replace('*', 'OTHER-REGION')} --region {wanted.region}  # or {_deploy(wanted)}"
        about = About("replicated backups", store.name, f"at most {duration_text(limit)} behind", mend)
        fact = sources.mysql_window(client("rds"), arn) if arn else Missing("there are no automated backups")
        if isinstance(fact, Missing):
            lines.append(about.says(fact.why))
        elif not fact.keeps:
            lines.append(about.says("it is written no longer: the replication was stopped"))
        else:
            lines.append(_aged(about, fact.latest, limit, now))
    return lines


def replicas(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """Running copies, where the strategy has them."""
    lines = []
    for store in wanted.stores:
        if not store.replica:
            continue
        if store.kind == "mysql":
            fact = sources.read_replica(client("rds"), store.replica)
        else:
            fact = sources.replica_table(client("dynamodb"), store.replica)
        about = About("replicas", store.replica, "running", _deploy(wanted))
        if isinstance(fact, Live):
            lines.append(about.says(None if fact.ready else f"it is {fact.state}", fact.state))
        else:
            lines.append(about.says(fact.why))
    return lines


def allowed(limits: AgeLimit, now: datetime) -> timedelta:
    """What is accepted, until the day that the acceptance ends."""
    over = limits.later_seconds is not None and now.date() > date.fromisoformat(limits.until)
    return timedelta(seconds=limits.later_seconds if over and limits.later_seconds is not None else limits.limit_seconds)


def resolved(pattern: str, found: Iterable[str]) -> str | None:
    """The ARN that is meant by a pattern without a region, which no template of this region may name; None where nothing fits."""
    return next((arn for arn in found if fnmatchcase(arn, pattern)), None)


def _copied(backup: Any, vault: str) -> Iterable[str]:
    try:
        pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
        yield from (each.get("ResourceArn", "") for page in pages for each in page["RecoveryPoints"])
    except backup.exceptions.ResourceNotFoundException:
        return


def _replicated(rds: Any) -> Iterable[str]:
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate()
    yield from (each.get("DBInstanceArn", "") for page in pages for each in page["DBInstanceAutomatedBackups"])


def _aged(about: About, newest: datetime, limit: timedelta, now: datetime) -> Line:
    age = max(now - newest, timedelta()) // _MINUTE * _MINUTE
    seen = f"the newest data is {duration_text(age)} old"
    return about.says(seen if age > limit else None, seen)


def _deploy(wanted: PreflightRequest) -> str:
    return f"make deploy ENV={wanted.environment}"

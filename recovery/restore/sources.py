"""What one store can be restored from, in one region: a window of moments, or recovery points in either vault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from recovery import recovery_points
from recovery.aws import Region
from recovery.cutover import switch
from recovery.errors import NotKept, WrongInput
from recovery.moments import moment_text
from recovery.recovery_points import Keys, NoUsableRecoveryPoint
from recovery.restore.plan import Place, RecoveryPoint
from recovery.status.facts import Missing, Window
from recovery.status.sources import is_missing, mysql_window, table_window
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from strategy.catalogue.store_arns import arn, physical_name
from strategy.model.strategy import Store

_STALE = "it is of the old store here, backed up when traffic was elsewhere already"


class WrongSource(WrongInput):
    """The moment or the recovery point that was asked for is not there; the message shows what is."""


class NothingToRestore(NotKept):
    """The region holds nothing to restore from along this route; the message says what was looked at."""


def window(client: Callable[[str], Any], source: Place, route: Route) -> Window:
    """The moments that the store in use can be brought back to."""
    found = mysql_window(client("rds"), source.arn) if route.kind == "mysql" else table_window(client("dynamodb"), source.name)
    if isinstance(found, Missing):
        instead = Route(f"{route.kind}-from-recovery-point")
        raise NothingToRestore(f"{source.name} cannot be restored to a point in time: {found.why}; another way is {instead}")
    return found


def moment_in(reach: Window, asked: datetime | Literal["latest"] | None, name: str) -> datetime:
    """The whole second to restore to."""
    span = f"{moment_text(reach.earliest)} to {moment_text(reach.latest)}"
    if asked is None:
        raise WrongSource(f"say which moment of {name}: --at TIME or --latest; it can be restored to {span}")
    if asked == "latest":
        return reach.latest.astimezone(UTC).replace(microsecond=0)
    moment = asked.astimezone(UTC).replace(microsecond=0)
    if not reach.earliest <= moment <= reach.latest:
        side = "after" if moment > reach.latest else "before"
        raise WrongSource(f"--at: {moment_text(moment)} is {side} what {name} can be restored to: {span}")
    return moment


def point(
    strategy: Strategy, region: Region, store: Store, source: Place, asked: str | None, *, now: datetime
) -> tuple[RecoveryPoint, tuple[str, ...]]:
    """The newest usable point of both vaults, or the one asked for; and the newer ones that were passed over, with reasons."""
    backup, known = region.client("backup"), _known_as(strategy, store, source)
    vaults = {
        vault: [each for resource in known for each in _listed(backup, vault, resource, now)]
        for vault in (names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix))
    }
    vault_of = {each.arn: vault for vault, listed in vaults.items() for each in listed}
    every = [each for listed in vaults.values() for each in listed]
    where = " or ".join(vaults)
    if asked is not None:
        every = [each for each in every if each.arn == asked]
        if not every:
            raise WrongSource(
                f"--recovery-point: {asked} is no recovery point of {store.name} in {where} in {region.name}; "
                "python -m recovery status shows the newest usable one"
            )
    keys = Keys(region.client("kms"))
    try:
        choice = recovery_points.choose(every, kind=store.kind, store=store.name, vault=where, keys=keys, now=now)
    except NoUsableRecoveryPoint as none:
        if asked is not None:
            raise WrongSource(f"--recovery-point: {none}") from none
        raise NothingToRestore(str(none)) from none
    newer = [each for each in choice.rejected if each.point.created > choice.point.created]
    passed_over = tuple(_passed_over(each) for each in newer)
    return RecoveryPoint(choice.point.arn, vault_of[choice.point.arn], choice.point.created), passed_over


def usable_points(
    strategy: Strategy, region: Region, store: Store, *, now: datetime, until: datetime
) -> tuple[list[RecoveryPoint], list[str]]:
    """All that a lost store can be restored from in this region, newest first, of `until` or before; and in words what is newer
    than all of it and cannot be, as half a copy.

    By the store's name, whatever region it was in: a store that was restored once has the id of a plan behind its name. A region
    that was lost and came back goes on backing up its old store until the roles are swapped: what it backed up since traffic is
    elsewhere is newer than its data.
    """
    backup, keys = region.client("backup"), Keys(region.client("kms"))
    name = names.base(physical_name(strategy, store))
    holds = switch.read(region.client("ssm"), names.switch(strategy.prefix))
    left = holds.since if holds is not None and holds.serving != region.name else None
    found, rejected = [], list[recovery_points.Rejection]()
    for vault in (names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix)):
        try:
            listed = recovery_points.list_named(backup, vault, kind=store.kind, name=name)
        except ClientError as error:
            if not is_missing(error):
                raise
            continue
        within = [each for each in listed if each.created <= min(now, until)]
        stale = [each for each in within if left is not None and each.region == region.name and each.created > left]
        rejected += [recovery_points.Rejection(each, _STALE) for each in stale]
        usable, unusable = recovery_points.judged(
            [each for each in within if each not in stale], kind=store.kind, keys=keys, now=now
        )
        found += [RecoveryPoint(each.arn, vault, each.created) for each in usable]
        rejected += unusable
    found.sort(key=lambda each: each.created, reverse=True)
    newer = [each for each in rejected if not found or each.point.created > found[0].created]
    return found, [_passed_over(each) for each in newer]


def _known_as(strategy: Strategy, store: Store, source: Place) -> list[str]:
    """The ARNs that the store's backups may be of: the one in use, the strategy's own, and the other region's, whose copies
    come here.
    """
    own = [arn(strategy, store, each) for each in (strategy.regions.primary, strategy.regions.recovery)]
    return list(dict.fromkeys([source.arn, *own]))


def _listed(backup: Any, vault: str, resource: str, now: datetime) -> list[recovery_points.RecoveryPoint]:
    """Without those that began after `now`, which a rehearsal asked not to look into."""
    try:
        listed = recovery_points.list_points(backup, vault, resource)
    except ClientError as error:
        if is_missing(error):
            return []
        raise
    return [each for each in listed if each.created <= now]


def _passed_over(newer: recovery_points.Rejection) -> str:
    return f"passed over the newer {newer.point.arn} of {moment_text(newer.point.created)}: {newer.reason}"

"""Planned failover: traffic moves to a region that is there and waits for it, and nothing is lost.

    close the region that serves ▸ write down what its stores hold ▸ back each up ▸ copy the backups to the other region

Then the region workflow brings everything back there, as after a loss. The region that serves closes itself: it reads, each
minute, the note that is made in the other one. Each step looks for its own earlier result: the command can be typed again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.aws import AwsTrouble, Region
from recovery.cutover import switch, takeover
from recovery.cutover.beat import Beat
from recovery.errors import WrongInput
from recovery.evidence import bucket as evidence
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.store_arns import arn

_PAUSE, _LONGEST = 5.0, 24 * 3600.0
"""Seconds: between two looks, and as long as a backup or a copy may take."""
_AGAIN = "take it back with --undo, then begin again"
_ENDED_BADLY = frozenset({"ABORTED", "EXPIRED", "FAILED"})


class NotServing(WrongInput):
    """The other region does not serve, so that it does not have to be stopped; the message says who does."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is being waited for, or was done. `closed`: since when nobody writes any more, in the last one."""

    text: str
    closed: datetime | None = None


def withdraw(strategy: Strategy, to: Region) -> bool:
    """Take the note back: the other region opens itself within a minute. False where there was none."""
    noted = takeover.read(to.client("ssm"), names.taking(strategy.prefix))
    if noted is None or not noted.planned:
        return False
    to.client("ssm").delete_parameter(Name=names.taking(strategy.prefix))
    return True


def stop_and_copy(
    strategy: Strategy, to: Region, *, now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep
) -> Iterator[Said]:
    """Yields what is waited for, and what was done. Raises NotServing, and AwsTrouble for what cannot be waited for any more."""
    away = Region(strategy.regions.other(to.name))
    noted = _note(strategy, to, away, now())
    yield Said(f"{away.name} closes itself: planned failover to {to.name}")
    closed = None
    for _ in _looks(sleep, f"the fence of {away.name} to close it"):
        beat = Beat.from_json(away.client("ssm").get_parameter(Name=names.heartbeat(strategy.prefix))["Parameter"]["Value"])
        if beat.closed and beat.at >= noted.since:
            closed = max(beat.changed, noted.since)
            break
    yield Said(f"{away.name} is closed, and nobody writes there any more")
    token = noted.plan_id
    _written(strategy, away, token, sleep)
    yield Said("what the stores hold is written down, and signed")
    jobs = _backed_up(strategy, away, token)
    points = {store: _ended("backup", away, job, sleep)["RecoveryPointArn"] for store, job in jobs.items()}
    yield Said(f"backed up: {', '.join(points)}")
    for job in _copied(strategy, to, away, points, token):
        _ended("copy", away, job, sleep)
    _arrived(strategy, to, noted, sleep)
    yield Said(f"copied to {to.name}, and what was written down has arrived there", closed)


def _note(strategy: Strategy, to: Region, away: Region, now: datetime) -> takeover.Taking:
    """The note in the region that takes over. One that stands, since the last cutover, is gone on with."""
    here, there = to.client("ssm"), away.client("ssm")
    holds = switch.latest(*(switch.read(ssm, names.switch(strategy.prefix)) for ssm in (here, there)))
    serving = holds.serving if holds else names.home(to.name, away.name)
    if serving != away.name:
        raise NotServing(f"{serving} serves, so that there is nothing in {away.name} to fail over to {to.name}")
    before = takeover.read(here, names.taking(strategy.prefix))
    if (
        before is not None
        and before.planned
        and (holds is None or before.since > holds.since)
        and now - before.since < takeover.LASTS
    ):
        return before
    moment = now.replace(microsecond=0)
    noted = takeover.Taking(away.name, moment, f"handover-{moment:%Y%m%dT%H%M%S}", planned=True)
    takeover.note(here, names.taking(strategy.prefix), noted)
    return noted


def _written(strategy: Strategy, away: Region, token: str, sleep: Callable[[float], None]) -> None:
    """The manifests: with nobody writing, what they say is what the backups that follow hold."""
    states = away.client("stepfunctions")
    machine = names.state_machine_arn(strategy.prefix, names.MANIFESTS, away.name, strategy.account)
    with contextlib.suppress(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name=token, input="{}")
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{token}"
    for _ in _looks(sleep, f"{execution} to end"):
        found = states.describe_execution(executionArn=execution)
        if found["status"] == "SUCCEEDED":
            return
        if found["status"] != "RUNNING":
            raise AwsTrouble(f"{execution} ended {found['status']}: {found.get('cause', '')[:300]}; {_AGAIN}")


def _arrived(strategy: Strategy, to: Region, noted: takeover.Taking, sleep: Callable[[float], None]) -> None:
    """Each manifest and its signature, by the evidence bucket's replication."""
    bucket = names.evidence_bucket(strategy.prefix, to.name, strategy.account)
    for store in strategy.stores:
        after = evidence.manifest_key(store.name, noted.since - timedelta(seconds=1))
        for _ in _looks(sleep, f"the manifest of {store.name} to arrive in {to.name}"):
            listed = to.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{names.MANIFESTS}/{store.name}/", StartAfter=after)
            keys = {each["Key"] for each in listed.get("Contents", [])}
            if any(evidence.signature_key(each) in keys for each in keys):
                break


def _backed_up(strategy: Strategy, away: Region, token: str) -> dict[str, str]:
    """The backup job of each store, begun now or by this command before."""
    backup = away.client("backup")
    return {
        store.name: str(
            backup.start_backup_job(
                BackupVaultName=names.backup_vault(strategy.prefix),
                ResourceArn=arn(strategy, store, away.name),
                IamRoleArn=names.role_arn(strategy.prefix, "backup", away.name, strategy.account),
                IdempotencyToken=f"{token}-{store.name}",
                Lifecycle={"DeleteAfterDays": strategy.rules[0].keep.days},
            )["BackupJobId"]
        )
        for store in strategy.stores
    }


def _copied(strategy: Strategy, to: Region, away: Region, points: dict[str, str], token: str) -> list[str]:
    """The copy jobs, side by side."""
    backup = away.client("backup")
    return [
        str(
            backup.start_copy_job(
                RecoveryPointArn=point,
                SourceBackupVaultName=names.backup_vault(strategy.prefix),
                DestinationBackupVaultArn=names.vault_arn(to.name, strategy.account, names.copy_vault(strategy.prefix)),
                IamRoleArn=names.role_arn(strategy.prefix, "backup", away.name, strategy.account),
                IdempotencyToken=f"{token}-{store}",
                Lifecycle={"DeleteAfterDays": strategy.rules[0].copy_keep.days},
            )["CopyJobId"]
        )
        for store, point in points.items()
    ]


def _ended(kind: str, region: Region, job: str, sleep: Callable[[float], None]) -> Any:
    """The job, completed."""
    backup, found = region.client("backup"), dict[str, Any]()
    for _ in _looks(sleep, f"{kind} job {job}"):
        found = (
            backup.describe_backup_job(BackupJobId=job)
            if kind == "backup"
            else backup.describe_copy_job(CopyJobId=job)["CopyJob"]
        )
        if found["State"] == "COMPLETED":
            break
        if found["State"] in _ENDED_BADLY:
            why = found.get("StatusMessage", "no reason")
            raise AwsTrouble(f"{kind} job {job} ended {found['State']}: {why}; {_AGAIN}")
    return found


def _looks(sleep: Callable[[float], None], what: str) -> Iterator[None]:
    waited, pause = 0.0, 1.0
    while waited < _LONGEST:
        yield
        sleep(pause)
        waited, pause = waited + pause, min(pause * 1.5, _PAUSE)
    raise AwsTrouble(f"waited {_LONGEST / 3600:.0f} hours for {what}")

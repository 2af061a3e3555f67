"""Statuses of AWS's resources, brought about on purpose: `Cloud.faults`.

    cloud.faults.put("instance", "bank", "storage-full", region="ap-southeast-1")
    cloud.faults.put("index", "audit/AgentIndex", "CREATING", region="ap-southeast-1", lasts=timedelta(hours=3))
    cloud.faults.end("instance", "bank", region="ap-southeast-1")

What each refuses meanwhile, and how it ends, is in `STATES`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_rehearsal.faults.states import STATES, Ends, State

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["STATES", "Ends", "Faults", "State"]

_OF_RDS = frozenset({"instance", "snapshot"})
_OF_BACKUP = frozenset({"backup-job", "copy-job", "recovery-point", "restore-job", "vault"})


class Faults:
    """Of one cloud. Time in it is the clock's; it never leaps for the end of a fault, but ends it when it passes over it."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self._cloud, self._account = cloud, account
        self._lacking: dict[tuple[str, str], datetime | None] = {}

    def put(self, kind: str, name: str, status: str, *, region: str, lasts: timedelta | None = None) -> None:
        """The thing has that status from now on, and goes on from there as `STATES[kind][status]` says.

        `name`: an instance's, a snapshot's, a table's or a vault's name; `TABLE/INDEX`; `TABLE/REGION` of a replica; a job's id;
        the ARN of a recovery point or of a table's backup. `lasts`: instead of the table's. Raises ValueError for a kind or a
        status that AWS does not document, and for a job that is over; LookupError when there is no such thing.
        """
        if status not in STATES.get(kind, {}):
            known = ", ".join(STATES.get(kind, STATES))
            raise ValueError(f"{kind}: {status}: there is no such status; known are {known}")
        if kind in _OF_RDS:
            self._put_rds(kind, name, status, region, lasts)
        elif kind in _OF_BACKUP:
            self._backup.put_state(kind, region, name, status, lasts)
        else:
            self._put_dynamodb(kind, name, status, region, lasts)

    def end(self, kind: str, name: str, *, region: str) -> None:
        """What caused its status is gone: it is again as it was. Raises as `put`."""
        if kind in _OF_RDS:
            self._put_rds(kind, name, "available", region, None)
        elif kind in _OF_BACKUP:
            self._backup.end_state(kind, region, name)
        elif kind == "table-backup":
            self._put_dynamodb(kind, name, "AVAILABLE", region, None)
        elif kind in STATES:
            from aws_rehearsal.dynamodb import states

            states.end(self._account, states.Place(kind, region, *name.split("/", 1)))
        else:
            raise ValueError(f"{kind}: known are {', '.join(STATES)}")

    def lack(self, instance_class: str, *, region: str, lasts: timedelta | None = None) -> None:
        """RDS has no capacity for new instances of that class, "" for any, for that long; None: until it is `plenty`.

        Creating, restoring, starting and changing to it answer InsufficientDBInstanceCapacity.
        """
        self._lacking[region, instance_class] = self._cloud.clock.now() + lasts if lasts else None

    def plenty(self, instance_class: str, *, region: str) -> None:
        self._lacking.pop((region, instance_class), None)

    def lacks(self, region: str, instance_class: str) -> bool:
        now = self._cloud.clock.now()
        asked = ((region, instance_class), (region, ""))
        return any(each in self._lacking and ((until := self._lacking[each]) is None or now < until) for each in asked)

    @property
    def _backup(self) -> Any:
        return self._cloud.services["backup"]

    def _put_rds(self, kind: str, name: str, status: str, region: str, lasts: timedelta | None) -> None:
        from moto.rds.models import rds_backends

        from aws_rehearsal.rds import states

        backend: Any = rds_backends[self._account][region]
        things = backend.databases if kind == "instance" else backend.database_snapshots
        if name not in things:
            raise LookupError(f"there is no {kind} {name} in {region}")
        (states.put if kind == "instance" else states.put_snapshot)(backend, things[name], status, lasts)

    def _put_dynamodb(self, kind: str, name: str, status: str, region: str, lasts: timedelta | None) -> None:
        from aws_rehearsal.dynamodb import states

        if kind == "table-backup":
            states.put_backup(self._cloud, self._account, states.Place(kind, region, name), status, lasts)
        else:
            states.put(self._cloud, self._account, states.Place(kind, region, *name.split("/", 1)), status, lasts)

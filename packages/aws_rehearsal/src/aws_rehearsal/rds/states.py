"""States of instances and snapshots that are brought about, not come to: what the server does meanwhile, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from aws_rehearsal.faults.states import INSTANCE, SNAPSHOT, Ends, State
from aws_rehearsal.rds.records import Instance, Snapshot

if TYPE_CHECKING:
    from aws_rehearsal.rds.models import Backend

OPERATIONAL = frozenset({"available", "storage-initialization", "storage-optimization"})
STUCK = frozenset(status for status, state in INSTANCE.items() if state.ends not in {Ends.ITSELF, Ends.STAYS})
"""Waiting alone does not end these: whoever waits for the instance fails."""
_FULL = "storage-full"


def put(backend: Backend, instance: Instance, status: str, lasts: timedelta | None = None) -> None:
    """The instance is in that state now, and goes on from there as `STATES` says."""
    state = INSTANCE[status]
    with instance.turn:
        fault = instance.fault = instance.fault + 1
        _serve(backend, instance, state)
        instance.status = status
        if status == _FULL:
            instance.server.execute("SET GLOBAL read_only=1")
        else:
            writable(instance)

    def go_on() -> None:
        with instance.turn:
            here = backend.databases.get(instance.db_instance_identifier) is instance
            if not here or (instance.status, instance.fault) != (status, fault):
                return
            if state.then:
                put(backend, instance, state.then)
            else:
                _remove(backend, instance)

    _later(backend, state, lasts, go_on)


def put_snapshot(backend: Backend, snapshot: Snapshot, status: str, lasts: timedelta | None = None) -> None:
    state = SNAPSHOT[status]
    snapshot.status = status
    if status == "available":
        snapshot.finish()

    def go_on() -> None:
        if backend.database_snapshots.get(snapshot.db_snapshot_identifier) is not snapshot or snapshot.status != status:
            return
        if state.then:
            put_snapshot(backend, snapshot, state.then)
        else:
            del backend.database_snapshots[snapshot.db_snapshot_identifier]
            snapshot.capture.delete()

    _later(backend, state, lasts, go_on)


def writable(instance: Instance) -> None:
    """A full instance is written to again; a replica never is."""
    if instance.server.running and instance.following is None:
        instance.server.execute("SET GLOBAL read_only=0")


def _later(backend: Backend, state: State, lasts: timedelta | None, go_on: Callable[[], None]) -> None:
    if state.lasts is not None:
        backend.plane.cloud.clock.call_after(lasts or state.lasts, go_on, leap=False)


def _serve(backend: Backend, instance: Instance, state: State) -> None:
    if instance.server.running and not state.serves:
        backend.pause_backups(instance)
        instance.server.stop()
    elif state.serves and not instance.server.running:
        instance.server.start()
        instance.port = instance.server.port
        if instance.following:
            instance.following.resume()
        backend.resume_backups(instance)


def _remove(backend: Backend, instance: Instance) -> None:
    if instance.following:
        instance.following.forget()
    backend.end_backups(instance, keep=False)
    backend.plane.discard(backend.region_name, instance.server)
    backend.databases.pop(instance.db_instance_identifier, None)

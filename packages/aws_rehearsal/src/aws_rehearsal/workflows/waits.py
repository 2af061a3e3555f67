"""Waiting inside an execution, on the cloud's clock.

Two kinds, as the clock has them. A Wait state or a Retry interval is a wait the clock leaps to when the cloud is quiet. A
timeout is a bound on something else: it fires when time passes over it, and the clock never leaps to it, or an approval
that a person gives after a minute would always come too late.

An interpreting thread makes the cloud busy (`working`), except while it waits; and from the moment a wait ends until the
waiting thread goes on, the wait itself does: else the clock would leap over what that thread does next.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from aws_rehearsal import context

_LOOK = 0.1
"""Real seconds between two looks at what nobody announces: that the execution was stopped."""


_thread = threading.local()


def machine() -> str:
    """Name of the state machine whose states this thread interprets."""
    return getattr(_thread, "machine", "workflow")


@contextlib.contextmanager
def working(env: Any) -> Iterator[None]:
    """This thread interprets states of `env`: the clock must not leap until it waits or ends."""
    _thread.machine = env.states.context_object.context_object_data["StateMachine"]["Name"]
    with context.current().gateway.working():
        _thread.works = True
        try:
            yield
        finally:
            _thread.works = False


@contextlib.contextmanager
def resting() -> Iterator[None]:
    """This thread only waits. Nothing to take back where it never said that it works, or waits within a wait."""
    if not getattr(_thread, "works", False):
        yield
        return
    _thread.works = False
    try:
        with context.current().gateway.waiting():
            yield
    finally:
        _thread.works = True


class Alarm:
    """An appointment for this thread. `rung` is set at its moment, and the cloud is kept busy until `answer`."""

    def __init__(self, seconds: float, *, leap: bool) -> None:
        self._cloud = context.current()
        self._busy = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._answered = False
        self.rung = threading.Event()
        self._appointment = self._cloud.clock.call_after(timedelta(seconds=seconds), self._ring, leap=leap)

    def _ring(self) -> None:
        with self._lock:
            if not self._answered:
                self._busy.enter_context(self._cloud.gateway.working())
                self.rung.set()

    def answer(self) -> None:
        with self._lock:
            self._answered = True
            self._appointment.cancel()
            self._busy.close()

    @property
    def stopped(self) -> bool:
        return self._cloud.clock.stopped


@contextlib.contextmanager
def _alarm(seconds: float, *, leap: bool) -> Iterator[Alarm]:
    alarm = Alarm(seconds, leap=leap)
    try:
        yield alarm
    finally:
        alarm.answer()


def sleep(env: Any, seconds: float) -> None:
    """Wait `seconds` of virtual time; ends early when the execution or the cloud stops."""
    if seconds <= 0:
        return
    with _alarm(seconds, leap=True) as alarm, resting():
        while not alarm.rung.wait(_LOOK):
            if alarm.stopped or not env.is_running():
                return


def wait(event: threading.Event, seconds: float) -> bool:
    """Whether `event` was set within `seconds` of virtual time. False, too, when the cloud stops."""
    with _alarm(seconds, leap=False) as alarm, resting():
        while not event.wait(_LOOK):
            if alarm.rung.is_set() or alarm.stopped:
                return event.is_set()
    return True

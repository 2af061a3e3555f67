"""The one clock of the rehearsal: virtual time that ticks like real time, and leaps over waiting.

Enters: a start moment. Leaves: `now()` for ours, and the same time for moto and every library in this process, through
time-machine. Real durations are measured with `time.perf_counter`, which is never virtual.

Two kinds of appointment exist. A *wait* (a Step Functions Wait, a job that takes forty modelled minutes) is something the
clock may leap to as soon as the cloud is quiet: nobody wants to sit through it. A *calendar* entry (a cron rule) is not
leapt to; it fires when time passes over it, by ticking, by a leap to a later wait, or by `advance_to`.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import time_machine

QUIET_SECONDS = 0.02
"""How long (real seconds) nothing may be in flight before the clock leaps."""


@dataclass(order=True)
class Appointment:
    """Something that happens at a virtual moment; `cancel` forgets it."""

    moment: datetime
    order: int
    action: Callable[[], None] = field(compare=False)
    leap: bool = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Virtual UTC time for the whole process.

    `busy_until_idle` is asked before every leap: it returns the real seconds (perf_counter) since the cloud was last busy,
    or 0.0 while something is in flight. The gateway provides it.
    """

    def __init__(self, start: datetime, *, idle_seconds: Callable[[], float] = lambda: 1.0) -> None:
        if start.tzinfo is None:
            raise ValueError(f"clock start must carry a time zone, got {start!r}")
        self.idle_seconds = idle_seconds
        self.before_leap: list[Callable[[], None]] = []
        """Called before time leaps: what was written until now is dated now."""
        self._travel = time_machine.travel(start.astimezone(UTC), tick=True)
        self._coordinates: time_machine.Traveller | None = None
        self._appointments: list[Appointment] = []
        self._order = itertools.count()
        self._lock = threading.RLock()
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._stepping = threading.RLock()
        self._pump: threading.Thread | None = None
        self._errors: list[BaseException] = []
        self._last_fired = 0.0

    # ------------------------------------------------------------------ life
    def start(self) -> None:
        self._coordinates = self._travel.start()
        self._pump = threading.Thread(target=self._run, name="clock", daemon=True)
        self._pump.start()

    def stop(self) -> None:
        """Back to real time; sleepers are woken at once. Safe to call twice."""
        self._stopping.set()
        self._changed.set()
        if self._pump is not None and self._pump is not threading.current_thread():
            self._pump.join(timeout=5)
        if self._coordinates is not None:
            self._travel.stop()
            self._coordinates = None

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    # ------------------------------------------------------------------ time
    @staticmethod
    def now() -> datetime:
        """The virtual moment, aware, UTC."""
        return datetime.now(UTC)

    def call_at(self, moment: datetime, action: Callable[[], None], *, leap: bool = True) -> Appointment:
        """Run `action` on the clock's thread at `moment`; `leap` says whether the clock may jump there when idle."""
        appointment = Appointment(moment, next(self._order), action, leap)
        with self._lock:
            heapq.heappush(self._appointments, appointment)
        self._changed.set()
        return appointment

    def call_after(self, delay: timedelta, action: Callable[[], None], *, leap: bool = True) -> Appointment:
        return self.call_at(self.now() + delay, action, leap=leap)

    def sleep(self, seconds: float) -> None:
        """Block this thread for `seconds` of virtual time; returns early when the clock stops."""
        if seconds <= 0:
            return
        woken = threading.Event()
        appointment = self.call_after(timedelta(seconds=seconds), woken.set)
        while not woken.wait(0.2):
            if self.stopped:
                appointment.cancel()
                return

    def advance_to(self, moment: datetime) -> None:
        """Walk to `moment`, firing every appointment on the way at its own time, and letting each settle."""
        while not self.stopped:
            self._settle()
            with self._stepping:
                due = self._next(lambda appointment: appointment.moment <= moment)
                if due is None:
                    self._shift_to(moment)
                    break
                self._shift_to(due.moment)
                self._fire_due()
        self.raise_errors()

    def raise_errors(self) -> None:
        """Raise the first error an appointment's action raised, if any: errors on the clock's thread are never lost."""
        if self._errors:
            raise self._errors[0]

    # ------------------------------------------------------------------ machinery
    def _settle(self) -> None:
        while not self.stopped and not self._quiet():
            time.sleep(QUIET_SECONDS / 4)

    def _quiet(self) -> bool:
        """Nothing is in flight, and whoever the last appointment woke has had time to go on."""
        return min(self.idle_seconds(), time.perf_counter() - self._last_fired) >= QUIET_SECONDS

    def _next(self, wanted: Callable[[Appointment], bool]) -> Appointment | None:
        with self._lock:
            return min((a for a in self._appointments if not a.cancelled and wanted(a)), default=None)

    def _earliest(self, wait: Appointment) -> Appointment:
        return self._next(lambda appointment: appointment.moment <= wait.moment) or wait

    def _shift_to(self, moment: datetime) -> None:
        delta = moment - self.now()
        if delta > timedelta(0) and self._coordinates is not None:
            for note in self.before_leap:
                note()
            self._coordinates.shift(delta)

    def _fire_due(self) -> None:
        while True:
            with self._lock:
                while self._appointments and self._appointments[0].cancelled:
                    heapq.heappop(self._appointments)
                if not self._appointments or self._appointments[0].moment > self.now():
                    return
                appointment = heapq.heappop(self._appointments)
            self._last_fired = time.perf_counter()
            try:
                appointment.action()
            except Exception as error:  # noqa: BLE001  kept, and raised to whoever drives the clock
                self._errors.append(error)

    def _run(self) -> None:
        while not self.stopped:
            with self._stepping:
                self._fire_due()
                if self._quiet():
                    wait = self._next(lambda appointment: appointment.leap)
                    if wait is not None:
                        # Calendar entries on the way fire at their own moment, not after the leap.
                        self._shift_to(self._earliest(wait).moment)
                        self._fire_due()
            self._changed.wait(QUIET_SECONDS / 2)
            self._changed.clear()

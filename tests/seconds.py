"""What tests cost, and so in which order they start: the longest group first, or the last one runs alone.

Counted are processor seconds of the worker, of what it started, and of what those started in turn: a loaded machine does not
look like a slow test. `pytest --record FILE` appends a line for each test; `python -m tests.seconds FILE` keeps what is worth an
order in `tests/seconds.json`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import psutil

KEPT = Path(__file__).with_name("seconds.json")
WORTH = 1.0
"""Seconds from which on it matters when a group starts."""
NEVER_MEASURED = 60.0
"""Of a group that is new: it may be a world."""


class Cost(NamedTuple):
    test: str
    group: str
    """What runs in order on one worker; a test that belongs to no group is its own."""
    seconds: float


class Meter:
    """Processor seconds since it was last asked."""

    def __init__(self) -> None:
        self._before = self._under = 0.0
        self._looked = 0.0

    def spent(self) -> float:
        """Of what still runs below, it looks once a second at most: a look costs more than a short test does."""
        if time.perf_counter() > self._looked + 1:
            self._under = sum(map(_seconds, psutil.Process().children(recursive=True)))
            self._looked = time.perf_counter()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        now = time.process_time() + ended.ru_utime + ended.ru_stime + self._under
        spent, self._before = now - self._before, now
        return max(spent, 0.0)


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:  # it ended meanwhile, and counts among its parent's ended children
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def record(file: Path, cost: Cost) -> None:
    """Whole lines: several workers append."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, (json.dumps(cost) + "\n").encode())
    finally:
        os.close(handle)


def recorded(file: Path) -> list[Cost]:
    return [Cost(*json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def by_group(costs: Iterable[Cost]) -> dict[str, float]:
    """Those that are worth an order, the longest first."""
    found: dict[str, float] = {}
    for each in costs:
        found[each.group] = found.get(each.group, 0.0) + each.seconds
    return {name: round(found[name], 1) for name in sorted(found, key=lambda name: (-found[name], name)) if found[name] >= WORTH}


def kept() -> dict[str, float]:
    found: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def weight(group: str, known: Mapping[str, float], *, alone: bool) -> float:
    """A single test that is not known is a short one, a group that is not known may be a world."""
    return known.get(group, 0.0 if alone else NEVER_MEASURED)


if __name__ == "__main__":
    KEPT.write_text(json.dumps(kept() | by_group(recorded(Path(sys.argv[1]))), indent=0) + "\n", encoding="utf-8")

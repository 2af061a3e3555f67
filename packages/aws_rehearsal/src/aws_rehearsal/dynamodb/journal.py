"""Every version of every item of one table, so that a restore can go back to any second of the window.

Enters: the key of each item that was written. Leaves: the items as they stood at a moment. A journal begins when point-in-time
recovery is turned on, with the items there are, and ends when it is turned off: as on AWS, turning it on again starts anew.
"""

from __future__ import annotations

import bisect
import copy
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

RESTORE_LAG = timedelta(minutes=5)
"""How far the latest restorable moment trails the present; AWS says "typically five minutes"."""

Key = tuple[Any, Any]
"""moto's hash and range key values of an item; the range key is None in a table without one."""


@dataclass(frozen=True)
class Version:
    """An item from `moment` on; None after it was deleted."""

    moment: datetime
    item: Any


class Journal:
    """The versions of a table's items within its recovery window.

    Versions older than the window are dropped when their key is next written, except the newest of them: the window's first
    second still needs it.
    """

    def __init__(self, table: Any, period: timedelta) -> None:
        """Begin with the items the table has now."""
        self.began = datetime.now(UTC)
        self.period = period
        self._lock = threading.Lock()
        self._versions: dict[Key, deque[Version]] = {}
        for item in list(table.all_items()):
            self.record(table, item.hash_key, item.range_key)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """For moto, which copies a table before a transaction and puts the copy back when it is refused."""
        twin = copy.copy(self)
        with self._lock:
            twin._versions = {key: versions.copy() for key, versions in self._versions.items()}  # noqa: SLF001  a twin
        memo[id(self)] = twin
        return twin

    def record(self, table: Any, hash_key: Any, range_key: Any) -> None:
        """Note the item as it stands in the table now, or that there is none.

        Read inside the lock, not handed over by the writer: of two writers of one item, the last to note sees the last state.
        """
        with self._lock:
            now = datetime.now(UTC)
            versions = self._versions.setdefault((hash_key, range_key), deque())
            # moto changes items in place: a version must not change with them.
            versions.append(Version(now, copy.deepcopy(table.get_item(hash_key, range_key))))
            while len(versions) > 1 and versions[1].moment <= now - self.period:
                versions.popleft()

    def window(self) -> tuple[datetime, datetime]:
        """The earliest and the latest restorable moment, in whole seconds as AWS counts them."""
        now = datetime.now(UTC)
        earliest = _next_second(max(self.began, now - self.period))
        return earliest, max(earliest, (now - RESTORE_LAG).replace(microsecond=0))

    def items_at(self, moment: datetime) -> Iterator[Any]:
        """Copies of the items as they stood at `moment`."""
        with self._lock:
            histories = [list(versions) for versions in self._versions.values()]
        for known in histories:
            position = bisect.bisect_right(known, moment, key=lambda version: version.moment)
            if position and known[position - 1].item is not None:
                yield copy.deepcopy(known[position - 1].item)


def _next_second(moment: datetime) -> datetime:
    floor = moment.replace(microsecond=0)
    return floor if floor == moment else floor + timedelta(seconds=1)

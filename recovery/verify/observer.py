"""Looking on while a store is read, and ending it."""

from __future__ import annotations

from typing import Protocol

from pymysql.cursors import Cursor

SCHEMA_ALTERED = "the schema was altered while it was being measured"


class MeasurementError(Exception):
    """The store could not be measured as a whole: there is no half measurement."""


class Watch(Protocol):
    """Whoever looks on while tables are read."""

    def before(self, cursor: Cursor) -> None:
        """A statement is about to begin. May wait; raises MeasurementError to end it all."""

    def read(self, part: str, rows: int) -> None:
        """So many more rows of a part were read."""


class Quiet:
    """Nobody looks on."""

    def before(self, cursor: Cursor) -> None:
        pass

    def read(self, part: str, rows: int) -> None:
        pass

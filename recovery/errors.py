"""What a person is told in one line: an error's class says how the command ends (`recovery.cli.exit_codes`). Imports nothing."""

from __future__ import annotations

from typing import ClassVar


class NotKept(Exception):
    """A promise is broken, or what was asked cannot be done with what is there."""

    exit_code: ClassVar[int] = 1


class WrongInput(Exception):
    """The command line or a file is wrong; nothing was begun."""

    exit_code: ClassVar[int] = 2


class Unreachable(Exception):
    """What was asked did not answer, refused, or failed."""

    exit_code: ClassVar[int] = 3

"""How a command ends: an exit code that a script can rely on, and one line on stderr that a person can act on."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import Any

import typer


class ExitCode(IntEnum):
    """What every command's exit code means."""

    DONE = 0
    """Done, and every promise it looked at is kept."""
    NOT_KEPT = 1
    """A promise is broken, or a verification failed."""
    WRONG_INPUT = 2
    """The command line or a file is wrong; nothing was begun."""
    AWS_TROUBLE = 3
    """AWS could not be reached, refused, or failed."""
    STOPPED = 4
    """The operator stopped it."""


_USAGE: Any = typer.BadParameter.__base__
"""Everything typer says about a wrong command line; typer exports only this one of the family."""
_INTERRUPTED = 130
"""What typer makes of Ctrl-C."""


def run(
    app: typer.Typer,
    arguments: list[str] | None,
    *,
    program: str,
    wrong_input: tuple[type[Exception], ...] = (),
) -> int:
    """Run the command line; every expected failure is one line on stderr.

    `program` is the name of the package that is run. Errors say themselves how the command ends (`recovery.errors`);
    `wrong_input` are more of them, about what the command was given.
    """
    try:
        # Outside its standalone mode typer returns the code of a `typer.Exit` instead of raising it.
        code = app(arguments, prog_name=f"python -m {program}", standalone_mode=False)
    except _USAGE as error:
        return _say(program, f"{error.format_message()} (python -m {program} --help shows what there is)", ExitCode.WRONG_INPUT)
    except wrong_input as error:
        return _say(program, str(error), ExitCode.WRONG_INPUT)
    except typer.Abort:
        code = _INTERRUPTED
    except SystemExit:  # typer and rich leave so when whoever reads stdout has closed it; there is nobody to tell
        return ExitCode.STOPPED
    except Exception as error:
        if (expected := getattr(error, "exit_code", None)) is None:
            raise
        return _say(program, str(error), ExitCode(expected))
    if code == _INTERRUPTED:
        return _say(program, "stopped by the operator", ExitCode.STOPPED)
    return ExitCode(code or ExitCode.DONE)


def _say(program: str, message: str, code: ExitCode) -> int:
    print(f"{program}: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201  the one line the caller reads
    return code

"""Backup, restore and disaster recovery of Banking Buddy, day by day.

Exit codes: 0 done and every promise kept; 1 a promise is broken or a verification failed; 2 wrong input; 3 AWS or
permission trouble; 4 stopped by the operator.
"""

from __future__ import annotations

import sys

import typer

from recovery.aws import AwsTrouble
from recovery.cli import runbook_command, status_command, strategy_command
from recovery.cli.exits import run
from strategy import StrategyError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.callback(help=__doc__)(lambda: None)  # a callback keeps the commands' names, however few there are
app.command("strategy")(strategy_command.strategy)
app.command("status")(status_command.status)
app.command("runbook")(runbook_command.runbook)


def main(arguments: list[str] | None = None) -> int:
    return run(app, arguments, program="recovery", wrong_input=(StrategyError,), aws_trouble=(AwsTrouble,))


if __name__ == "__main__":
    sys.exit(main())

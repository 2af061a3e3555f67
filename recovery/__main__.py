"""Backup, restore and disaster recovery of Banking Buddy, day by day.

Exit codes: 0 done and every promise kept; 1 a promise is broken or a verification failed; 2 wrong input; 3 AWS or
permission trouble; 4 stopped by the operator.
"""

from __future__ import annotations

import sys

import typer

from recovery.assess.starter import CannotStart
from recovery.aws import AwsTrouble
from recovery.cli import (
    adopt_command,
    approve_command,
    assess_command,
    calendar_command,
    cleanup_command,
    cost_command,
    drill_command,
    evidence_command,
    findings_command,
    follow_command,
    init_command,
    late_command,
    plan_command,
    preflight_command,
    report_command,
    restore_command,
    rto_command,
    runbook_command,
    status_command,
    strategy_command,
    verify_command,
)
from recovery.cli.confirming import CannotAsk
from recovery.cli.exits import run
from recovery.cli.rto_report import NotModelled
from recovery.findings.writing import NoFinding
from recovery.late.asking import NothingRecovered
from recovery.mysql import DatabaseUnreachable
from recovery.region.approval import NothingToApprove, NotYours
from recovery.restore.adoption import CannotAdopt
from recovery.restore.journal import NoSuchPlan, NotStarted
from recovery.restore.leftovers import NotDeletable, StillThere
from recovery.restore.plan import PlanError
from recovery.restore.planning import CannotPlan
from recovery.restore.sources import NothingToRestore, WrongSource
from strategy import StrategyError

_WRONG_INPUT = (
    CannotAdopt,
    CannotAsk,
    CannotPlan,
    CannotStart,
    NoFinding,
    NoSuchPlan,
    NotModelled,
    NothingToApprove,
    NotYours,
    PlanError,
    StrategyError,
    WrongSource,
)
_AWS_TROUBLE = (AwsTrouble, DatabaseUnreachable, NotStarted, StillThere)
_NOT_KEPT = (NotDeletable, NothingRecovered, NothingToRestore)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.callback(help=__doc__)(lambda: None)  # a callback keeps the commands' names, however few there are
for command in (
    strategy_command.strategy,
    rto_command.rto,
    status_command.status,
    preflight_command.preflight,
    plan_command.plan,
    restore_command.restore,
    follow_command.follow,
    follow_command.resume,
    approve_command.approve,
    late_command.late,
    adopt_command.adopt,
    cleanup_command.cleanup,
    drill_command.drill,
    verify_command.verify,
    runbook_command.runbook,
    cost_command.cost,
    report_command.report,
    assess_command.assess,
    init_command.init,
):
    app.command(command.__name__)(command)

app.add_typer(evidence_command.app, name="evidence")
app.add_typer(findings_command.app, name="findings")
app.add_typer(calendar_command.app, name="calendar")


def main(arguments: list[str] | None = None) -> int:
    return run(app, arguments, program="recovery", wrong_input=_WRONG_INPUT, aws_trouble=_AWS_TROUBLE, not_kept=_NOT_KEPT)


if __name__ == "__main__":
    sys.exit(main())

"""Backup, restore and disaster recovery of Banking Buddy, day by day. Something is broken: begin with `status`.

Exit codes: 0 done and every promise kept; 1 a promise is broken or a verification failed; 2 wrong input; 3 AWS or
permission trouble; 4 stopped by the operator.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

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
    dashboard_command,
    digest_command,
    drill_command,
    evidence_command,
    findings_command,
    follow_command,
    hand_over_command,
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
from recovery.cli.sections import AUDIT, BEFORE, DESIGN, NIGHT, Sections
from recovery.cutover.handing_over import NotServing
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
    NotServing,
    NotYours,
    PlanError,
    StrategyError,
    WrongSource,
)
_AWS_TROUBLE = (AwsTrouble, DatabaseUnreachable, NotStarted, StillThere)
_NOT_KEPT = (NotDeletable, NothingRecovered, NothingToRestore)

app = typer.Typer(cls=Sections, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.callback(help=__doc__)(lambda: None)  # a callback keeps the commands' names, however few there are
_COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    (NIGHT, status_command.status, "What can I restore, from this region, now?"),
    (NIGHT, runbook_command.runbook, "What to do, step by step, also without this tool."),
    (NIGHT, plan_command.plan, "How a store or a region would come back; begins nothing."),
    (NIGHT, restore_command.restore, "Restore a store beside the old one, or recover a lost region."),
    (NIGHT, follow_command.follow, "See how a plan goes on, or how it ended."),
    (NIGHT, follow_command.resume, "Go on with a plan that failed or was stopped."),
    (NIGHT, approve_command.approve, "Say yes to a region plan that waits: the second person."),
    (NIGHT, hand_over_command.hand_over, "Stop the region that serves: its last backup goes to the other."),
    (NIGHT, adopt_command.adopt, "Make a restored store the stack's own."),
    (NIGHT, late_command.late, "Writes that are stranded in the region that was lost."),
    (NIGHT, cleanup_command.cleanup, "What restores have left; takes down drills."),
    (BEFORE, preflight_command.preflight, "Could the recovery region take over tonight?"),
    (BEFORE, digest_command.digest, "The region's morning message, as of now."),
    (BEFORE, dashboard_command.dashboard, "CloudWatch's dashboard of a region as a page of your own."),
    (BEFORE, drill_command.drill, "Prove the routes: restore, verify, time, tear down."),
    (BEFORE, verify_command.verify, "Hold a store against its manifest or the live store."),
    (AUDIT, report_command.report, "A quarter: promises against measurements, on one page."),
    (DESIGN, strategy_command.strategy, "Show every promise against its worst case."),
    (DESIGN, rto_command.rto, "The recovery of a region as a timeline, modelled."),
    (DESIGN, cost_command.cost, "What it costs, and what each promise costs."),
    (DESIGN, assess_command.assess, "Which promises an account keeps that somebody else built."),
    (DESIGN, init_command.init, "Write a strategy for such an account."),
)
for section, command, short in _COMMANDS:
    app.command(command.__name__.replace("_", "-"), rich_help_panel=section, short_help=short)(command)

_GROUPS = (
    ("evidence", evidence_command.app, "Check the signed chain of records."),
    ("findings", findings_command.app, "What failed, and who mends it by when."),
    ("calendar", calendar_command.app, "Duties done, due and overdue."),
)
for name, group, short in _GROUPS:
    app.add_typer(group, name=name, rich_help_panel=AUDIT, short_help=short)


def main(arguments: list[str] | None = None) -> int:
    return run(app, arguments, program="recovery", wrong_input=_WRONG_INPUT, aws_trouble=_AWS_TROUBLE, not_kept=_NOT_KEPT)


if __name__ == "__main__":
    sys.exit(main())

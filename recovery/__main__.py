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
    adopt,
    approve,
    assess,
    calendar,
    cleanup,
    cost,
    dashboard,
    digest,
    drill,
    evidence,
    findings,
    follow,
    init,
    late_writes,
    plan,
    planned_failover,
    preflight,
    report,
    restore,
    rto,
    runbook,
    status,
    strategy,
    verify,
)
from recovery.cli.confirmation import CannotAsk
from recovery.cli.exit_codes import run
from recovery.cli.rto_report import NotModelled
from recovery.cli.sections import AUDIT, BEFORE, DESIGN, NIGHT, Sections
from recovery.cutover.planned_failover import NotServing
from recovery.findings.notes import NoFinding
from recovery.late_writes.ask_region import NothingRecovered
from recovery.mysql import DatabaseUnreachable
from recovery.region.approval import NothingToApprove, NotYours
from recovery.restore.adoption import CannotAdopt
from recovery.restore.attempts import NoSuchPlan, NotStarted
from recovery.restore.leftovers import NotDeletable, StillThere
from recovery.restore.plan import PlanError
from recovery.restore.planner import CannotPlan
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
    (NIGHT, status.status, "What can I restore, from this region, now?"),
    (NIGHT, runbook.runbook, "What to do, step by step, also without this tool."),
    (NIGHT, plan.plan, "How a store or a region would come back; begins nothing."),
    (NIGHT, restore.restore, "Restore a store beside the old one, or recover a lost region."),
    (NIGHT, follow.follow, "See how a plan goes on, or how it ended."),
    (NIGHT, follow.resume, "Go on with a plan that failed or was stopped."),
    (NIGHT, approve.approve, "Say yes to a region plan that waits: the second person."),
    (NIGHT, planned_failover.hand_over, "Stop the region that serves: its last backup goes to the other."),
    (NIGHT, adopt.adopt, "Make a restored store the stack's own."),
    (NIGHT, late_writes.late, "Writes that are stranded in the region that was lost."),
    (NIGHT, cleanup.cleanup, "What restores have left; takes down drills."),
    (BEFORE, preflight.preflight, "Could the recovery region take over tonight?"),
    (BEFORE, digest.digest, "The region's morning message, as of now."),
    (BEFORE, dashboard.dashboard, "CloudWatch's dashboard of a region as a page of your own."),
    (BEFORE, drill.drill, "Prove the routes: restore, verify, time, tear down."),
    (BEFORE, verify.verify, "Hold a store against its manifest or the live store."),
    (AUDIT, report.report, "A quarter: promises against measurements, on one page."),
    (DESIGN, strategy.strategy, "Show every promise against its worst case."),
    (DESIGN, rto.rto, "The recovery of a region as a timeline, modelled."),
    (DESIGN, cost.cost, "What it costs, and what each promise costs."),
    (DESIGN, assess.assess, "Which promises an account keeps that somebody else built."),
    (DESIGN, init.init, "Write a strategy for such an account."),
)
for section, command, short in _COMMANDS:
    app.command(command.__name__.replace("_", "-"), rich_help_panel=section, short_help=short)(command)

_GROUPS = (
    ("evidence", evidence.app, "Check the signed chain of records."),
    ("findings", findings.app, "What failed, and who mends it by when."),
    ("calendar", calendar.app, "Duties done, due and overdue."),
)
for name, group, short in _GROUPS:
    app.add_typer(group, name=name, rich_help_panel=AUDIT, short_help=short)


def main(arguments: list[str] | None = None) -> int:
    return run(app, arguments, program="recovery", wrong_input=_WRONG_INPUT, aws_trouble=_AWS_TROUBLE, not_kept=_NOT_KEPT)


if __name__ == "__main__":
    sys.exit(main())

"""Backup, restore and disaster recovery of Banking Buddy, day by day. Something is broken: begin with `status`.

Exit codes: 0 done and every promise kept; 1 a promise is broken or a verification failed; 2 wrong input; 3 AWS or
permission trouble; 4 stopped by the operator.
"""

from __future__ import annotations

import sys

from recovery.cli.exit_codes import run
from recovery.cli.sections import AUDIT, BEFORE, DESIGN, NIGHT, Entry, Sections, plain

COMMANDS = (
    Entry("status", NIGHT, "recovery.cli.status:status", "What can I restore, from this region, now?"),
    Entry("runbook", NIGHT, "recovery.cli.runbook:runbook", "What to do, step by step, also without this tool."),
    Entry("plan", NIGHT, "recovery.cli.plan:plan", "How a store or a region would come back; begins nothing."),
    Entry("restore", NIGHT, "recovery.cli.restore:restore", "Restore a store beside the old one, or recover a region."),
    Entry("follow", NIGHT, "recovery.cli.follow:follow", "See how a plan goes on, or how it ended."),
    Entry("resume", NIGHT, "recovery.cli.follow:resume", "Go on with a plan that failed or was stopped."),
    Entry("approve", NIGHT, "recovery.cli.approve:approve", "Say yes to a region plan that waits: the second person."),
    Entry(
        "planned-failover",
        NIGHT,
        "recovery.cli.planned_failover:planned_failover",
        "Close the serving region; copy its last backup across.",
        former="hand-over",
    ),
    Entry("adopt", NIGHT, "recovery.cli.adopt:adopt", "Make a restored store the stack's own."),
    Entry(
        "late-writes",
        NIGHT,
        "recovery.cli.late_writes:late_writes",
        "Writes that are stranded in the region that was lost.",
        former="late",
    ),
    Entry("cleanup", NIGHT, "recovery.cli.cleanup:cleanup", "What restores have left; takes down drills."),
    Entry("preflight", BEFORE, "recovery.cli.preflight:preflight", "Could the recovery region take over tonight?"),
    Entry("digest", BEFORE, "recovery.cli.digest:digest", "The region's morning message, as of now."),
    Entry(
        "dashboard",
        BEFORE,
        "recovery.cli.dashboard:dashboard",
        "CloudWatch's dashboard of a region as a page of your own.",
    ),
    Entry("drill", BEFORE, "recovery.cli.drill:drill", "Prove the routes: restore, verify, time, tear down."),
    Entry("verify", BEFORE, "recovery.cli.verify:verify", "Compare a store with its manifest or the live store."),
    Entry("report", AUDIT, "recovery.cli.report:report", "A quarter: promises against measurements, on one page."),
    Entry("strategy", DESIGN, "recovery.cli.strategy:strategy", "Show every promise against its worst case."),
    Entry("rto", DESIGN, "recovery.cli.rto:rto", "The recovery of a region as a timeline, modelled."),
    Entry("cost", DESIGN, "recovery.cli.cost:cost", "What it costs, and what each promise costs."),
    Entry("assess", DESIGN, "recovery.cli.assess:assess", "Which promises an account keeps that somebody else built."),
    Entry("init", DESIGN, "recovery.cli.init:init", "Write a strategy for such an account."),
    Entry("evidence", AUDIT, "recovery.cli.evidence:app", "Check the signed chain of records."),
    Entry("findings", AUDIT, "recovery.cli.findings:app", "What failed, and who fixes it by when."),
    Entry("calendar", AUDIT, "recovery.cli.calendar:app", "Duties done, due and overdue."),
)


class _Commands(Sections):
    entries = COMMANDS


app = plain(cls=_Commands)
app.callback(help=__doc__)(lambda: None)


def main(arguments: list[str] | None = None) -> int:
    return run(app, arguments, program="recovery")


if __name__ == "__main__":
    sys.exit(main())

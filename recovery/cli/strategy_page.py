"""The `strategy` command's page for people."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from recovery.cli.console import table
from recovery.cli.strategy_report import Report
from strategy.checks.guards import Severity
from strategy.checks.objectives import State
from strategy.model.field_types import duration_text
from strategy.model.stores import Scenario

_SCENARIOS = {
    Scenario.POINT_IN_TIME: "point in time",
    Scenario.RECOVERY_POINT: "recovery point",
    Scenario.REGION_LOSS: "region loss",
}
_VERDICTS = {
    State.KEPT: Text("kept", "green"),
    State.ACCEPTED: Text("accepted", "yellow"),
    State.EXPIRED: Text("BROKEN, past its date", "bold red"),
    State.EXCEEDED: Text("BROKEN, past its limit", "bold red"),
    State.BROKEN: Text("BROKEN", "bold red"),
}
"""Date and limit of what was accepted stand in a table of their own."""
_WEEK = 7


def show(report: Report, out: Console) -> None:
    """Promises, their sums, schedule, exclusions, accepted breaches, findings; the conclusion last."""
    strategy = report.strategy
    regions = f"primary {strategy.regions.primary}, recovery {strategy.regions.recovery}"
    out.print(Text(f"{strategy.prefix} ({strategy.environment}), account {strategy.account}", style="bold"))
    out.print(Text(f"{regions}; as of {report.day}, times in UTC"))
    _promises(report, out)
    _sums(report, out)
    _schedule(report, out)
    _exclusions(report, out)
    _accepted_breaches(report, out)
    _findings(report, out)
    out.print()
    out.print(_conclusion(report))


def _title(out: Console, text: str) -> None:
    out.print()
    out.print(Text(text, style="bold"))


def _promises(report: Report, out: Console) -> None:
    _title(out, "Promises")
    rows = table(out, "store", "scenario", "", "promised", "at worst", "verdict", "from", numbers=("promised", "at worst"))
    for each in report.verdicts:
        rows.add_row(
            each.store,
            _SCENARIOS[each.scenario],
            each.objective.upper(),
            duration_text(each.promised),
            duration_text(each.worst) if each.worst is not None else "unbounded",
            _VERDICTS[each.state],
            Text(each.how),
        )
    out.print(rows)


def _sums(report: Report, out: Console) -> None:
    _title(out, "How each worst case comes about")
    rows = table(out, "store", "scenario", "", "sum")
    for each in report.verdicts:
        rows.add_row(each.store, _SCENARIOS[each.scenario], each.objective.upper(), Text(each.arithmetic))
    out.print(rows)


def _schedule(report: Report, out: Console) -> None:
    _title(out, "Backups that really run in the next 12 months, each copied to the recovery region")
    rules = {rule.name: rule for rule in report.strategy.rules}
    rows = table(out, "at", "days", "rule", "kept", "copy", "runs", "first", "last", "instead of", numbers=("runs",))
    for row in report.schedule:
        days = "every day" if len(row.days) == _WEEK else " ".join(row.days)
        keep, copy_keep = (duration_text(each) for each in (rules[row.rule].keep, rules[row.rule].copy_keep))
        first, last = f"{row.first:%Y-%m-%d}", f"{row.last:%Y-%m-%d}"
        over = ", ".join(row.instead_of) or "-"
        rows.add_row(f"{row.at:%H:%M}", days, row.rule, keep, copy_keep, str(row.runs), first, last, Text(over))
    out.print(rows)


def _exclusions(report: Report, out: Console) -> None:
    _title(out, "Left out on purpose")
    rows = table(out, "what", "RPO", "RTO", "owner", "review", "reason")
    for each in report.strategy.exclusions:
        rows.add_row(each.name, _own(each.rpo), _own(each.rto), Text(each.owner), str(each.review), Text(each.reason))
    out.print(rows)


def _own(objective: timedelta | None) -> str:
    """An exclusion's own objective, where the strategy gives one."""
    return duration_text(objective) if objective is not None else "-"


def _accepted_breaches(report: Report, out: Console) -> None:
    if not report.strategy.accepted_breaches:
        return
    _title(out, "Promises knowingly not kept")
    rows = table(out, "store", "scenario", "", "up to", "owner", "until", "reason")
    for each in report.strategy.accepted_breaches:
        objective, limit = each.objective.upper(), duration_text(each.up_to)
        rows.add_row(
            each.store, _SCENARIOS[each.scenario], objective, limit, Text(each.owner), str(each.until), Text(each.reason)
        )
    out.print(rows)


def _findings(report: Report, out: Console) -> None:
    if not report.findings:
        return
    _title(out, "Findings")
    for each in report.findings:
        text = Text(str(each))
        text.stylize("bold red" if each.severity is Severity.ERROR else "yellow", 0, len(each.severity))
        out.print(text)


def _conclusion(report: Report) -> Text:
    errors = sum(each.severity is Severity.ERROR for each in report.findings)
    warnings = len(report.findings) - errors
    if errors:
        return Text(f"NOT KEPT: {_count(errors, 'error')} and {_count(warnings, 'warning')} above.", style="bold red")
    if warnings:
        return Text(f"Kept, but for what is accepted: {_count(warnings, 'warning')} above.", style="yellow")
    return Text("Every promise is kept.", style="green")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

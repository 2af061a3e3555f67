"""The `strategy` command's page for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from recovery.cli.console import show_section, show_title, table
from recovery.cli.strategy_report import Report
from recovery.pages.formats import span
from recovery.pages.table import Section, Table
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
    for each in _sections(report):
        show_section(each, out)
    _findings(report, out)
    out.print()
    out.print(_conclusion(report))


def _promises(report: Report, out: Console) -> None:
    show_title(out, "Promises")
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


def _sections(report: Report) -> Iterator[Section]:
    """What stands in tables without a colour."""
    sums = ((each.store, _SCENARIOS[each.scenario], each.objective.upper(), each.arithmetic) for each in report.verdicts)
    yield Section("How each worst case comes about", Table.of("store|scenario||sum", sums))
    yield _schedule(report)
    left_out = (
        (each.name, span(each.rpo, "-"), span(each.rto, "-"), each.owner, str(each.review), each.reason)
        for each in report.strategy.exclusions
    )
    yield Section("Left out on purpose", Table.of("what|RPO|RTO|owner|review|reason", left_out))
    accepted = [
        (
            each.store,
            _SCENARIOS[each.scenario],
            each.objective.upper(),
            duration_text(each.up_to),
            each.owner,
            str(each.until),
            each.reason,
        )
        for each in report.strategy.accepted_breaches
    ]
    if accepted:
        yield Section("Promises knowingly not kept", Table.of("store|scenario||up to|owner|until|reason", accepted))


def _schedule(report: Report) -> Section:
    rules = {rule.name: rule for rule in report.strategy.rules}
    rows = (
        (
            f"{row.at:%H:%M}",
            "every day" if len(row.days) == _WEEK else " ".join(row.days),
            row.rule,
            duration_text(rules[row.rule].keep),
            duration_text(rules[row.rule].copy_keep),
            str(row.runs),
            f"{row.first:%Y-%m-%d}",
            f"{row.last:%Y-%m-%d}",
            ", ".join(row.instead_of) or "-",
        )
        for row in report.schedule
    )
    title = "Backups that really run in the next 12 months, each copied to the recovery region"
    return Section(title, Table.of("at|days|rule|kept|copy|>runs|first|last|instead of", rows))


def _findings(report: Report, out: Console) -> None:
    if not report.findings:
        return
    show_title(out, "Findings")
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

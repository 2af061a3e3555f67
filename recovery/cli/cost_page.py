"""The `cost` command's page for people: the sum first, then what it is made of, and what it rests on last."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from recovery.aws import NotChecked
from recovery.billing import Billed
from recovery.cli.console import table
from recovery.cli.cost_report import CostReport
from strategy.cost import Assumptions, Purpose
from strategy.cost.lines import Line
from strategy.cost.written_estimate import DYNAMODB, HIGH, LOW, MYSQL, sum_of
from strategy.model.field_types import duration_text

_CENT = 0.005


def show(report: CostReport, out: Console) -> None:
    strategy = report.strategy
    out.print(Text(f"{strategy.prefix} ({strategy.environment}): {usd(report.cost.sum())} a month", style="bold"))
    out.print(
        Text(
            f"{usd(report.grown.sum())} at the sizes of {report.day + timedelta(days=365)}. Backups, copies, proof, watching; "
            "not the stores and the application themselves."
        )
    )
    _purposes(report, out)
    _promises(report, out)
    _lines(report, out)
    _estimate(report, out)
    _what_if(report, out)
    _actual(report, out)
    _rests_on(report, out)


def usd(value: float | None) -> str:
    return "unknown" if value is None else f"${value:,.2f}"


def signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}${abs(value):,.2f}"


def _title(out: Console, text: str) -> None:
    out.print()
    out.print(Text(text, style="bold"))


def _purposes(report: CostReport, out: Console) -> None:
    _title(out, "What is paid for")
    rows = table(out, "a month", "for", numbers=("a month",))
    for purpose in Purpose:
        if report.cost.of(purpose):
            rows.add_row(usd(report.cost.of(purpose)), str(purpose))
    rows.add_row(usd(report.second_region), "of all this: for having a second region at all")
    out.print(rows)


def _promises(report: CostReport, out: Console) -> None:
    _title(out, "What each promise costs")
    rows = table(out, "store", "scenario", "from", "data lost, at worst", "a month", "", numbers=("a month",))
    for each in report.promises:
        worst = duration_text(each.worst) if each.worst is not None else "unbounded"
        chosen = "" if each.chosen else "would cost; not chosen"
        rows.add_row(each.store, each.scenario.replace("_", " "), each.how, worst, usd(each.usd), chosen)
    out.print(rows)


def paying(report: CostReport) -> list[Line]:
    """Lines that cost a cent or more, or whose price is not known."""
    return [each for each in report.cost.lines if each.price is None or (each.usd or 0) >= _CENT]


def _lines(report: CostReport, out: Console) -> None:
    _title(out, "Line by line")
    rows = table(
        out,
        "store",
        "region",
        "rule",
        "what",
        "quantity",
        "unit",
        "price",
        "a month",
        "how",
        numbers=("quantity", "price", "a month"),
    )
    for each in paying(report):
        price = "unknown" if each.price is None else f"{each.price:g}"
        quantity = f"{each.quantity:,.2f}"
        rows.add_row(
            each.store or "-", each.region, each.rule or "-", each.what, quantity, each.unit, price, usd(each.usd), Text(each.how)
        )
    out.print(rows)
    small = len(report.cost.lines) - len(paying(report))
    if small:
        out.print(f"{small} lines of less than a cent are not shown; --json has them.")


def _estimate(report: CostReport, out: Console) -> None:
    _title(out, f"The written strategy's estimate, {usd(LOW)} to {usd(HIGH)} a month at {MYSQL} GB + {DYNAMODB} GB, put right")
    rows = table(out, "a month", "what", "why", numbers=("a month",))
    for index, each in enumerate(report.steps):
        rows.add_row(signed(each.usd) if index else usd(each.usd), each.what, Text(each.why))
    rows.add_row(usd(sum_of(report.steps)), "this strategy, at those sizes", "")
    out.print(rows)


def _what_if(report: CostReport, out: Console) -> None:
    if report.what_if is None:
        return
    other = report.what_if
    difference = other.cost.sum() - report.cost.sum()
    _title(out, f"What if {other.asked}: {usd(other.cost.sum())} a month, {signed(difference)}")
    rows = table(out, "a month", "for", numbers=("a month",))
    for purpose, change in report.changes(other.cost):
        rows.add_row(signed(change), str(purpose))
    out.print(rows)
    for finding in other.breaks:
        out.print(Text(f"It breaks a promise: {finding}", style="bold red"))


def _actual(report: CostReport, out: Console) -> None:
    match report.actual:
        case Billed(month, usage):
            _title(out, f"Billed for {month:%B %Y}: {usd(report.actual.usd)}, of the whole account's backups of RDS and DynamoDB")
            rows = table(out, "billed", "usage type", numbers=("billed",))
            for name, amount in usage:
                rows.add_row(usd(amount), name)
            out.print(rows)
        case NotChecked(because):
            _title(out, "Billed: not known")
            out.print(Text(because, style="yellow"))


def _rests_on(report: CostReport, out: Console) -> None:
    _title(out, "What the figures rest on")
    for _, text in Assumptions().told():
        out.print(Text(f"- {text}"))
    unsure = [each for each in report.prices.all if not each.checked]
    out.print(
        Text(
            f"- {len(report.prices.all)} prices, the oldest of {report.prices.oldest}; {len(unsure)} were not seen in AWS's list "
            "(--json says which): --refresh asks it"
        )
    )
    for each in report.cost.unpriced:
        out.print(Text(f"- no price of {each.what} in {each.region}: it counts for nothing above; --refresh", style="yellow"))

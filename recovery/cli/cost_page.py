"""What `cost` shows people, in a terminal and on a page: the sum first, then what it is made of, and what it rests on last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Console
from rich.text import Text

from recovery.aws import NotChecked
from recovery.billing import Billed
from recovery.cli.console import show_section
from recovery.cli.cost_report import CostReport, WhatIf
from recovery.pages.formats import signed, span, usd
from recovery.pages.table import BAD, OPEN, Section, Table
from strategy.cost import Assumptions, Purpose
from strategy.cost.lines import Line
from strategy.cost.written_estimate import DYNAMODB, HIGH, LOW, MYSQL, sum_of

_CENT = 0.005


def show(report: CostReport, out: Console) -> None:
    strategy = report.strategy
    out.print(Text(f"{strategy.prefix} ({strategy.environment}): {usd(report.cost.sum())} a month", style="bold"))
    out.print(Text(summary(report)))
    for each in sections(report):
        show_section(each, out)


def summary(report: CostReport) -> str:
    return (
        f"{usd(report.grown.sum())} at the sizes of {report.day + timedelta(days=365)}. Backups, copies, proof, watching; "
        "not the stores and the application themselves."
    )


def sections(report: CostReport) -> Iterator[Section]:
    yield Section("What is paid for", Table.of(">a month|for", [*_purposes(report), _second_region(report)]))
    yield _promises(report)
    yield _lines(report)
    yield _estimate(report)
    if report.what_if is not None:
        yield _what_if(report, report.what_if)
    match report.actual:
        case Billed(month, usage):
            title = f"Billed for {month:%B %Y}: {usd(report.actual.usd)}, of the whole account's backups of RDS and DynamoDB"
            yield Section(title, Table.of(">billed|usage type", ((usd(amount), name) for name, amount in usage)))
        case NotChecked(because):
            yield Section("Billed: not known", alerts=((OPEN, because),))
    yield _rests_on(report)


def paying(report: CostReport) -> list[Line]:
    """Lines that cost a cent or more, or whose price is not known."""
    return [each for each in report.cost.lines if each.price is None or (each.usd or 0) >= _CENT]


def _purposes(report: CostReport) -> Iterator[tuple[str, str]]:
    yield from ((usd(report.cost.of(each)), str(each)) for each in Purpose if report.cost.of(each))


def _second_region(report: CostReport) -> tuple[str, str]:
    return usd(report.second_region), "of all this: for having a second region at all"


def _promises(report: CostReport) -> Section:
    rows = (
        (
            each.store,
            each.scenario.replace("_", " "),
            each.how,
            span(each.worst, "unbounded"),
            usd(each.usd),
            "" if each.chosen else "would cost; not chosen",
        )
        for each in report.promises
    )
    return Section("What each promise costs", Table.of("store|scenario|from|data lost, at worst|>a month|", rows))


def _lines(report: CostReport) -> Section:
    rows = (
        (
            each.store or "-",
            each.region,
            each.rule or "-",
            each.what,
            f"{each.quantity:,.2f}",
            each.unit,
            "unknown" if each.price is None else f"{each.price:g}",
            usd(each.usd),
            each.how,
        )
        for each in paying(report)
    )
    small = len(report.cost.lines) - len(paying(report))
    return Section(
        "Line by line",
        Table.of("store|region|rule|what|>quantity|unit|>price|>a month|how", rows),
        f"{small} lines of less than a cent are not shown; --json has them." if small else "",
    )


def _estimate(report: CostReport) -> Section:
    rows = [
        *((signed(each.usd) if index else usd(each.usd), each.what, each.why) for index, each in enumerate(report.steps)),
        (usd(sum_of(report.steps)), "this strategy, at those sizes", ""),
    ]
    title = f"The written strategy's estimate, {usd(LOW)} to {usd(HIGH)} a month at {MYSQL} GB + {DYNAMODB} GB, put right"
    return Section(title, Table.of(">a month|what|why", rows))


def _what_if(report: CostReport, other: WhatIf) -> Section:
    difference = other.cost.sum() - report.cost.sum()
    return Section(
        f"What if {other.asked}: {usd(other.cost.sum())} a month, {signed(difference)}",
        Table.of(">a month|for", ((signed(change), str(purpose)) for purpose, change in report.changes(other.cost))),
        alerts=tuple((BAD, f"It breaks a promise: {finding}") for finding in other.breaks),
    )


def _rests_on(report: CostReport) -> Section:
    unsure = sum(not each.checked for each in report.prices.all)
    prices = (
        f"{len(report.prices.all)} prices, the oldest of {report.prices.oldest}; {unsure} were not seen in AWS's list "
        "(--json says which): --refresh asks it"
    )
    return Section(
        "What the figures rest on",
        lines=(
            *(text for _, text in Assumptions().told()),
            prices,
        ),
        alerts=tuple(
            (OPEN, f"no price of {each.what} in {each.region}: it counts for nothing above; --refresh")
            for each in report.cost.unpriced
        ),
    )

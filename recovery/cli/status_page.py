"""The `status` command's page for people: what can be restored, what a restore stands on, and what is wrong; that last."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from recovery.aws import NotChecked
from recovery.cli.console import show_list, show_title, table
from recovery.cli.status_report import detail, found, span
from recovery.cli.times import age_text
from recovery.moments import moment_text
from recovery.status.facts import Point, Premise
from recovery.status.judgement import Source, StoreStatus
from recovery.status.survey import Status
from strategy import Strategy
from strategy.model.field_types import duration_text

_STATES = {
    "kept": Text("kept", "green"),
    "broken": Text("BROKEN", "bold red"),
    "not checked": Text("not checked", "yellow"),
    "not promised": Text("not promised"),
}


def show(strategy: Strategy, status: Status, out: Console) -> None:
    out.print(Text(f"{strategy.prefix} ({strategy.environment}), from {status.region} ({status.role} region)", style="bold"))
    out.print(Text(f"as of {moment_text(status.now)}; no other region was asked (IAM has none)"))
    for store in status.stores:
        show_title(out, f"{store.store}: {store.name} ({store.kind})")
        _sources(store, out)
        _premises(store, out)
    _proofs(status, out)
    show_list(out, "To be fixed", status.problems, "bold red")
    show_list(out, "Not checked, because", status.not_checked, "yellow")


def conclude(status: Status, out: Console) -> None:
    """One line, the last."""
    out.print()
    out.print(_conclusion(status))


def _sources(store: StoreStatus, out: Console) -> None:
    rows = table(out, "from", "restorable", "age", "limit", "takes", "verdict", numbers=("limit", "takes"))
    for each in store.sources:
        limit, takes = "-", "-"
        if each.promise:
            limit = duration_text(each.promise.limit)
            takes = duration_text(each.promise.expected) if each.promise.expected is not None else "unknown"
        age = age_text(each.age) if each.age is not None else "-"
        rows.add_row(each.where, Text(_restorable(each)), age, limit, takes, _STATES[each.state])
    out.print(rows)
    for each in store.sources:
        for passed in each.fact.passed_over if isinstance(each.fact, Point) else ():
            out.print(Text(f"{each.where}: passed over {passed}"))


def _restorable(source: Source) -> str:
    earliest, latest = span(source)
    if earliest is None or latest is None:
        return found(source) or "-"
    if earliest == latest:
        return moment_text(latest)
    return f"{moment_text(earliest)} to {moment_text(latest)}"


def _premises(store: StoreStatus, out: Console) -> None:
    out.print(Text("  ").join([Text("needed:"), *(_premise(each) for each in store.premises)]))
    for each in store.premises:
        if each.note:
            out.print(Text(f"{each.what}: {detail(each)}"))


def _proofs(status: Status, out: Console) -> None:
    """What was exercised, and when; what was not is said, and hinders nothing."""
    if isinstance(status.proofs, NotChecked) or not status.proofs:
        return
    show_title(out, "proved by drills and checks")
    rows = table(out, "what", "store", "state", "last passed", "data was old", "verified after")
    for each in status.proofs:
        rows.add_row(
            each.route or "integrity",
            each.store,
            Text("proved", "green") if each.proved else Text("UNPROVED", "yellow"),
            moment_text(each.passed) if each.passed else "-",
            *(age_text(timedelta(seconds=value)) if value is not None else "-" for value in (each.rpo_seconds, each.rto_seconds)),
        )
    out.print(rows)
    if status.unproved:
        for line in status.unproved:
            out.print(Text(f"- {line}"))
        out.print(Text("What is unproved may work all the same; `python -m recovery drill` proves it.", "yellow"))


def _premise(premise: Premise) -> Text:
    if premise.problem is None:
        return Text(f"{premise.what} ok")
    if isinstance(premise.problem, NotChecked):
        return Text(f"{premise.what} not checked", "yellow")
    return Text(f"{premise.what} BLOCKED", "bold red")


def _conclusion(status: Status) -> Text:
    if status.problems:
        return Text(f"NOT KEPT: {len(status.problems)} to be fixed above.", style="bold red")
    if status.not_checked:
        return Text(f"Not known: {len(status.not_checked)} not checked above, nothing found broken.", style="yellow")
    return Text(f"Every store can be restored from {status.region}, as promised.", style="green")

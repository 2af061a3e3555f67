"""`python -m recovery cost`: what the strategy costs in a month, why, and what another would cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date as Today  # noqa: N812  the option is called date
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from recovery.aws import AwsTrouble, NotChecked
from recovery.billing import Billed
from recovery.cli import cost_html, cost_page
from recovery.cli.console import console
from recovery.cli.cost_report import CostReport, WhatIf, new_errors
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Day, Environment, Json, Primary, Recovery, today
from recovery.prices import billed, refreshed
from strategy import Strategy, load
from strategy.cost import Prices, monthly
from strategy.cost.monthly import altered
from strategy.cost.prices import FILE
from strategy.model.field_types import parse_duration, parse_size

Size = Annotated[
    list[str] | None, typer.Option("--size", metavar="STORE=SIZE", help="what if a store held that much, such as mysql=50GB")
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="RULE=TIME", help="what if a rule kept that long, copies too, such as daily-backup-rule=14d"),
]
Replica = Annotated[
    str | None,
    typer.Option("--replica", metavar="on|off", help="what if the recovery region had replicas and replicated backups, or not"),
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="ask the AWS Price List API first, and keep its answers in the price file")
]
Actual = Annotated[bool, typer.Option("--actual", help="ask Cost Explorer what the last month was billed (AWS takes $0.01)")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="write the page there as well")]


def cost(
    *,
    env: Environment = "prod",
    primary: Primary = None,
    recovery: Recovery = None,
    date: Day = None,
    size: Size = None,
    keep: Keep = None,
    replica: Replica = None,
    refresh: Refresh = False,
    actual: Actual = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Show the monthly cost by store, region and rule, what each promise costs, and what another strategy would cost.

    Reads only the strategy and the price file, unless --refresh or --actual is given. Prices are before tax and discounts. Exit
    code 1 when a what-if breaks a promise that the strategy keeps; 3 when AWS was asked and did not answer.
    """
    strategy, day, prices = load(env, primary=primary, recovery=recovery), date or today(), Prices.load()
    if refresh:
        found, missing = refreshed(strategy, day)
        prices = prices.merged(found)
        FILE.write_text(prices.as_toml(), encoding="utf-8")
        typer.echo(f"{len(found)} prices of {day} are in {FILE}", err=True)
        if missing:
            typer.echo(f"not in the price list, and left as they were: {', '.join(missing)}", err=True)
    what_if = _what_if(strategy, _Asked(tuple(size or ()), tuple(keep or ()), replica), prices, day)
    report = CostReport.of(strategy, prices, day, what_if=what_if, actual=_actual(day) if actual else None)
    if html:
        html.write_text(cost_html.page(report), encoding="utf-8")
        typer.echo(f"written to {html}", err=True)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        with console() as out:
            cost_page.show(report, out)
    if what_if and what_if.breaks:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if isinstance(report.actual, NotChecked):
        raise AwsTrouble(f"the actual cost is not known: {report.actual.because}")


def _actual(day: Today) -> Billed | NotChecked:
    """A bill that cannot be read does not take away the computed one."""
    try:
        return billed(day)
    except AwsTrouble as trouble:
        return NotChecked(str(trouble))


@dataclass(frozen=True, slots=True)
class _Asked:
    sizes: tuple[str, ...]
    keeps: tuple[str, ...]
    replica: str | None

    def __str__(self) -> str:
        words = [*(f"--size {each}" for each in self.sizes), *(f"--keep {each}" for each in self.keeps)]
        return " ".join([*words, *([f"--replica {self.replica}"] if self.replica else [])])


def _what_if(strategy: Strategy, asked: _Asked, prices: Prices, day: Today) -> WhatIf | None:
    if not str(asked):
        return None
    if asked.replica not in {None, "on", "off"}:
        raise typer.BadParameter(f"--replica: found {asked.replica!r}; allowed: on or off")
    stores, rules = [each.name for each in strategy.stores], [each.name for each in strategy.rules]
    other = altered(
        strategy,
        sizes={name: _size(text) for name, text in _pairs("--size", asked.sizes, stores)},
        keeps={name: _keep(text) for name, text in _pairs("--keep", asked.keeps, rules)},
        replica=None if asked.replica is None else asked.replica == "on",
    )
    return WhatIf(str(asked), monthly(other, prices, day), new_errors(strategy, other, day))


def _pairs(option: str, given: tuple[str, ...], known: list[str]) -> list[tuple[str, str]]:
    found = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            raise typer.BadParameter(f"{option}: found {text!r}; allowed: NAME=VALUE, with a name of {', '.join(known)}")
        found.append((name, value))
    return found


def _size(text: str) -> int:
    try:
        found = parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(f"--size: found {text!r}; {error}") from error
    return int(found)


def _keep(text: str) -> timedelta:
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"--keep: found {text!r}; {error}") from error
    if not isinstance(found, timedelta) or found < timedelta(days=1) or found % timedelta(days=1):
        raise typer.BadParameter(f"--keep: found {text!r}; allowed: whole days, at least 1d")
    return found

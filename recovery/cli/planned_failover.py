"""`python -m recovery planned-failover`: before a failback, or any planned cutover: stop the writers, copy everything."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from recovery.aws import must
from recovery.cli.confirmation import confirm
from recovery.cli.console import console
from recovery.cli.options import Environment, Where, Yes
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.cutover.planned_failover import stop_and_copy, withdraw
from recovery.moments import moment_text

Undo = Annotated[bool, typer.Option("--undo", help="take it back: the region that serves opens itself again within a minute")]


def planned_failover(
    *, undo: Undo = False, yes: Yes = False, env: Environment = "prod", region: Where = None, now: Now = None
) -> None:
    """Close the region that serves, and bring its last backup to the other one: the bank stands still from here on.

    `--region` is where the traffic goes, the recovery region when absent. What comes next is `restore region` there: nothing that
    was written is lost. Typed again, it goes on where it was. For whoever deploys: it uses the region's backup role.
    """
    session = begin(env, region, now, recovery=True)
    to, strategy = session.region, session.strategy
    away = strategy.regions.other(to.name)
    if undo:
        done = must(to.name, lambda: withdraw(strategy, to))
        typer.echo(f"{away} opens itself within a minute." if done else f"There is no planned failover to {to.name}.")
        return
    if not yes:
        confirm(f"Stop {away}, where customers are served, to fail over to {to.name}", away, instead="--yes")
    last = None
    with console() as out:
        steps = stop_and_copy(strategy, to, now=session.now)
        while (said := must(away, lambda: next(steps, None))) is not None:
            last = said
            out.print(Text(f"{session.now():%H:%M:%S}  {said.text}"))
        if last is not None and last.closed is not None:
            out.print(Text(f"{away} has been closed since {last.closed:%Y-%m-%d %H:%M:%S} UTC. Next:"))
            incident = moment_text(last.closed)
            out.print(Text(f"  {session.command('restore', 'region', '--incident', incident)}"))
            out.print(Text(f"or, to serve in {away} again: {session.command('planned-failover', '--undo')}"))

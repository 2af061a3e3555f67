"""Following an attempt to its end, and telling it: live on a terminal, a line for each change in a pipe, one value as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import typer
from rich.console import Console
from rich.live import Live

from recovery.aws import AwsTrouble
from recovery.cli import progress_page
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.session import Session
from recovery.restore.execution import Look, looks
from recovery.restore.region_plan import AnyPlan


class _Teller(Protocol):
    def tell(self, look: Look) -> None: ...


def follow_to_the_end(session: Session, plan: AnyPlan, arn: str, *, as_json: bool) -> None:
    """Ends the command: 0 recovered, 1 not, 3 when AWS stays silent, 4 when the operator has seen enough."""
    again = session.command("follow", plan.plan_id)
    look: Look | None = None
    try:
        with _teller(session, plan, as_json=as_json) as teller:
            for look in looks(session.region, plan, arn):
                teller.tell(look)
    except KeyboardInterrupt:
        if look is None or not look.over:
            typer.echo(f"recovery: you left; plan {plan.plan_id} goes on without you. To look again: {again}", err=True)
            raise typer.Exit(ExitCode.STOPPED) from None
    except AwsTrouble as trouble:
        raise AwsTrouble(f"{trouble}. Plan {plan.plan_id} goes on without you; to look again: {again}") from trouble
    if look is None or not look.over:
        raise AwsTrouble(f"nothing was heard of {arn}; to look again: {again}")
    end(session, plan, look, as_json=as_json)


def end(session: Session, plan: AnyPlan, look: Look, *, as_json: bool) -> None:
    """Say how an attempt ended, and end the command so."""
    ended = progress_page.Ended.of(plan, look, resume=session.command("resume", plan.plan_id))
    if as_json:
        typer.echo(json.dumps(progress_page.as_json(plan, look, ended), indent=2))
    else:
        with console() as out:
            progress_page.show_end(plan, look, ended, out)
    raise typer.Exit(ExitCode.DONE if ended.recovered else ExitCode.NOT_KEPT)


@contextmanager
def _teller(session: Session, plan: AnyPlan, *, as_json: bool) -> Iterator[_Teller]:
    terminal = Console(highlight=False)
    if as_json:
        yield _Silent()
    elif terminal.is_terminal:
        with Live(console=terminal, refresh_per_second=4, transient=True) as live:
            yield _OnTerminal(session, plan, live)
    else:
        yield _InPipe(plan)


class _Silent:
    def tell(self, look: Look) -> None:
        """JSON is one value, at the end."""


class _OnTerminal:
    def __init__(self, session: Session, plan: AnyPlan, live: Live) -> None:
        self._session, self._plan, self._live = session, plan, live

    def tell(self, look: Look) -> None:
        self._live.update(progress_page.live(self._plan, look, self._session.now(), self._live.console))


class _InPipe:
    def __init__(self, plan: AnyPlan) -> None:
        self._plan = plan
        self._said: set[str] = set()

    def tell(self, look: Look) -> None:
        for line in progress_page.lines(look):
            if line not in self._said:
                self._said.add(line)
                typer.echo(line)

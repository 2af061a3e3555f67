"""`python -m recovery digest`: what the daily message says, now."""

from __future__ import annotations

import json

import typer

from recovery.aws import AwsTrouble
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.digest import page
from recovery.digest.inputs import gather
from strategy.contracts.requests.digest import request_for


def digest(*, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """Print the digest of a region as it is mailed each morning, also when all is well: one screen.

    Freshness, lateness, storage and cost are the monitor's last numbers beside what is promised; jobs are those of 24 hours.
    Makes only read calls, and only to that region. Exit code 1 when there is something to look at, 3 when not all could be read.
    """
    session = begin(env, region, now)
    found = gather(request_for(session.strategy, session.region.name), session.region.client, session.now())
    typer.echo(json.dumps(found.as_json(), indent=2) if as_json else page.text(found), nl=as_json)
    if found.problems:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if found.unknown:
        raise AwsTrouble(f"{len(found.unknown)} not known in {session.region.name}, first {found.unknown[0]}")

"""`python -m recovery assess`: which of the strategy's promises does an account keep that knows nothing of this project?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from recovery.assess.inventory import look
from recovery.assess.judgement import Assessment, judge
from recovery.aws import AwsTrouble, Region, must
from recovery.cli import assess_page, times
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Json
from recovery.cli.times import Now
from strategy import load

Pattern = Annotated[str, typer.Option("--env", metavar="NAME", help="whose promises: environments/<NAME>.toml")]
Here = Annotated[str | None, typer.Option("--primary", metavar="REGION", help="where the stores are; --env's when absent")]
There = Annotated[str | None, typer.Option("--recovery", metavar="REGION", help="where copies should be; --env's when absent")]


def assess(
    *, env: Pattern = "prod", primary: Here = None, recovery: There = None, now: Now = None, as_json: Json = False
) -> None:
    """Look at whatever account the credentials are of, and say which promises it keeps, worst first, with what fixes each.

    Finds every RDS instance for MySQL and every DynamoDB table of the primary region by itself, and makes read calls only. Exit
    code 1 when a promise is broken, 3 when none is, but something could not be checked.
    """
    found = assessed(env, primary, recovery, now)
    if as_json:
        typer.echo(json.dumps(assess_page.as_json(found), indent=2))
    else:
        with console() as out:
            assess_page.show(found, out)
    if found.gaps:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if found.not_checked:
        first = found.not_checked[0]
        raise AwsTrouble(f"{len(found.not_checked)} not checked, first {first.what}: {first.found}: allow it, and repeat")


def assessed(env: str, primary: str | None, recovery: str | None, now: Now) -> Assessment:
    strategy = load(env, primary=primary, recovery=recovery)
    here, there = Region(strategy.regions.primary), Region(strategy.regions.recovery)
    account = str(must(here.name, lambda: here.client("sts").get_caller_identity()["Account"]))
    return judge(look(here, there, account, now or times.now()), strategy)

"""`python -m recovery preflight`: could the recovery region take over tonight?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from recovery.aws import AwsTrouble, Region, caller
from recovery.cli import preflight_page, times
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json
from recovery.cli.times import Now
from recovery.preflight.line import State
from recovery.preflight.run import run
from strategy import load
from strategy.contracts.requests.preflight import request_for

Asked = Annotated[
    str | None, typer.Option(metavar="REGION", help="the region to ask, and none but it; the recovery region when absent")
]


def preflight(*, env: Environment = "prod", region: Asked = None, now: Now = None, as_json: Json = False) -> None:
    """Check everything that one region needs to take over from the other: data, keys, secrets, groups, quotas, and so on.

    Makes only read calls, and only to that region. Each red line comes with the command that fixes it. Exit code 1 when there is
    one, 3 when there is none, but something could not be checked.
    """
    strategy = load(env)
    regions = strategy.regions
    name = region or regions.recovery
    if name not in {regions.primary, regions.recovery}:
        raise typer.BadParameter(f"--region: found {name!r}; allowed: {regions.primary} or {regions.recovery}")
    here = Region(name)
    caller(here, strategy.account, strategy.environment)
    found = run(request_for(strategy, name), here.client, now or times.now())
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        with console() as out:
            preflight_page.show(found, out)
    if found.of(State.RED):
        raise typer.Exit(ExitCode.NOT_KEPT)
    unknown = found.of(State.NOT_CHECKED)
    if unknown:
        raise AwsTrouble(
            f"{len(unknown)} not checked in {name}, first {unknown[0].what}: {unknown[0].seen}: allow it, and repeat"
        )

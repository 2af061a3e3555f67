"""`python -m recovery plan`: what a restore would do, from what, to which name, and what would stop it."""

from __future__ import annotations

import typer

from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.plan_options import REGION, Options, Way, plan_for, taking_options
from recovery.cli.session import begin
from recovery.cli.times import Now


@taking_options
def plan(
    route: Way,
    *,
    options: Options,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Show how a store would be restored, or a lost region recovered. Makes only read calls; nothing is begun.

    Exit code 1 when something stands in its way. `--json` is what `restore --plan FILE` takes.
    """
    session = begin(env, region, now, recovery=route == REGION)
    looked = plan_for(session, route, options)
    looked.show(session, as_json=as_json)
    if looked.problems:
        raise typer.Exit(ExitCode.NOT_KEPT)

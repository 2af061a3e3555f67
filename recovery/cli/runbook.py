"""`python -m recovery runbook`: what to do, step by step, with this environment's names."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from recovery.cli.options import Environment, Json
from strategy import load
from strategy.catalogue.route_names import listed, route_id

Asked = Annotated[str, typer.Argument(metavar="ROUTE", help=f"one store: {', '.join(listed())}; or `region`", show_default=False)]
Store = Annotated[str | None, typer.Option(metavar="NAME", help="where there is more than one of the route's kind")]


def runbook(route: Asked, *, env: Environment = "prod", store: Store = None, as_json: Json = False) -> None:
    """Print the runbook of a route: when, commands, what you will see, how long, what if not, and the same by hand.

    Reads only the strategy. `docs/runbooks/` has production's.
    """
    from recovery.runbooks import render

    route = route_id(route)
    try:
        page = render(load(env), route, store)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(str(error.args[0])) from error
    typer.echo(json.dumps({"route": route, "environment": env, "markdown": page}, indent=2) if as_json else page, nl=as_json)

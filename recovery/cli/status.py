"""`python -m recovery status`: what can I restore, from this region, now?"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from recovery.aws import AwsTrouble, Region
from recovery.cli import open_items, status_page, times
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json
from recovery.cli.status_report import as_json
from recovery.cli.times import Now
from recovery.status.survey import survey
from strategy import load

Asked = Annotated[str | None, typer.Option(metavar="REGION", help="the region to ask, and none but it; the primary when absent")]


def status(*, env: Environment = "prod", region: Asked = None, now: Now = None, as_json_: Json = False) -> None:
    """Show what each store can be restored from in one region, how old that is, how long it takes, and what would stop it.

    Makes only read calls, and only to that region: it answers while the other is down. Exit code 1 when a promise is broken or
    a restore would be stopped, 3 when nothing is, but something could not be checked. Open findings and overdue duties are shown,
    and change no exit code: they stop no restore.
    """
    strategy = load(env)
    regions = strategy.regions
    name = region or regions.primary
    if name not in {regions.primary, regions.recovery}:
        raise typer.BadParameter(f"--region: found {name!r}; allowed: {regions.primary} or {regions.recovery}")
    here, moment = Region(name), now or times.now()
    with ThreadPoolExecutor(1) as aside:
        open_ = aside.submit(open_items.matters, strategy, here, moment)
        try:
            found = survey(strategy, here, moment)
        except AwsTrouble as trouble:
            raise AwsTrouble(f"{trouble}; the other region is {regions.other(name)} (--region)") from trouble
        if as_json_:
            typer.echo(json.dumps(as_json(strategy, found) | open_items.as_json(open_.result()), indent=2))
        else:
            with console() as out:
                # What can be restored is shown at once: there may be thousands of records to read for the rest.
                status_page.show(strategy, found, out)
                open_items.show(open_.result(), out)
                status_page.conclude(found, out)
    if found.problems:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if found.not_checked:
        raise AwsTrouble(f"{len(found.not_checked)} not checked in {name}, first {found.not_checked[0]}: allow it, and repeat")

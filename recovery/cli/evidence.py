"""`python -m recovery evidence verify`: is everything there that was ever proven, and unchanged?"""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.text import Text

from recovery.aws import AwsTrouble, Region, must
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.evidence.chain_check import Verdict, check
from recovery.evidence.chain_reader import read
from recovery.evidence.chain_seal import Place
from strategy.catalogue import names

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
app.callback(help="The chain of evidence: every record of a region, sealed and signed in order.")(lambda: None)
FORMAT = 1


@app.command()
def verify(*, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """Check every link and every record of a region's evidence: altered, removed, reordered, back-dated, forged, cut off.

    Makes read calls only. Exit code 1 when something is wrong or nothing is sealed yet, 3 when nothing is, but the key in KMS or
    the other region's replica could not be asked.
    """
    session = begin(env, region, now)
    strategy = session.strategy
    home, other = session.region, Region(strategy.regions.other(session.region.name))
    place = Place(strategy.account, strategy.prefix, home.name, strategy.audit.evidence_keep)
    bucket = names.evidence_bucket(strategy.prefix, other.name, strategy.account)
    evidence = must(home.name, lambda: read(home.client("s3"), home.client("kms"), place, other.client("s3"), bucket))
    verdict = check(evidence, session.now())
    if as_json:
        typer.echo(json.dumps(report(place, verdict), indent=2))
    else:
        _show(place, verdict)
    if not verdict.whole:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if verdict.not_checked:
        raise AwsTrouble(f"whole, but {len(verdict.not_checked)} not checked, first {verdict.not_checked[0]}")


def report(place: Place, verdict: Verdict) -> dict[str, Any]:
    """`format` 1: chain, whole, links, records, findings [{kind, where, message}], not_checked [text]."""
    return {
        "format": FORMAT,
        "chain": place.name,
        "whole": verdict.whole,
        "links": verdict.links,
        "records": verdict.records,
        "findings": [{"kind": each.kind, "where": each.where, "message": each.message} for each in verdict.findings],
        "not_checked": list(verdict.not_checked),
    }


def _show(place: Place, verdict: Verdict) -> None:
    with console() as out:
        out.print(Text(f"{place.name}: {verdict.links} links, {verdict.records} records", style="bold"))
        for each in verdict.findings:
            out.print(Text(f"{each.kind}: {each.where}: {each.message}", style="red"))
        for text in verdict.not_checked:
            out.print(Text(f"not checked: {text}", style="yellow"))
        if verdict.whole:
            out.print(Text("Whole: every record is as it was sealed.", style="green"))
        elif not verdict.links:
            out.print(Text("NOTHING IS SEALED: an empty chain proves nothing.", style="bold red"))
        else:
            out.print(Text(f"NOT WHOLE: {len(verdict.findings)} findings.", style="bold red"))

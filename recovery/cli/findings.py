"""`python -m recovery findings`: what failed, whose it is, until when, and which change fixed it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer
from rich.text import Text

from recovery.aws import AwsTrouble, NotChecked, Region, ask, must
from recovery.cli.console import console, table
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where, day
from recovery.cli.session import Session, begin
from recovery.cli.times import Now
from recovery.evidence import records
from recovery.findings.finding import FOLDERS, Finding, findings
from recovery.findings.notes import NoFinding, closed, owned, write
from recovery.moments import moment_text
from strategy.catalogue import names as naming

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FORMAT = 1

Id = Annotated[str, typer.Argument(metavar="ID", help="the finding's id, such as f1a2b3c4d")]
Owner = Annotated[str, typer.Option(metavar="NAME", help="who answers for it: a person or a team")]
Due = Annotated[date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="the day by which it is fixed")]
Change = Annotated[str, typer.Option(metavar="URL|COMMIT", help="the change that fixes it")]


@app.callback(invoke_without_command=True)
def every(context: typer.Context, *, env: Environment = "prod", now: Now = None, as_json: Json = False) -> None:
    """Findings: a drill, restore test or verification that failed, open until the change that fixes it is linked.

    Without a command: the list.
    """
    if context.invoked_subcommand is None:
        show(env=env, region=None, now=now, as_json=as_json)


@app.command("list")
def show(*, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """List the findings, open ones first. Exit code 1 when one is open, 3 when none is known but not all could be read."""
    session = begin(env, region, now)
    known, missing = read(session)
    today = session.now().date()
    if as_json:
        found = {"format": FORMAT, "findings": [each.as_json(today) for each in known], "not_checked": missing}
        typer.echo(json.dumps(found, indent=2))
    else:
        _page(session, known, missing)
    if any(each.open for each in known):
        raise typer.Exit(ExitCode.NOT_KEPT)
    if missing:
        raise AwsTrouble(f"not all could be read, first {missing[0]}")


@app.command()
def own(
    finding: Id,
    *,
    owner: Owner,
    due: Due,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Say who answers for a finding, and by when it is fixed."""
    session = begin(env, region, now)
    _keep(session, owned(_of(session, finding), owner, due, session.made_by, session.now()), as_json=as_json)


@app.command()
def close(
    finding: Id, *, change: Change, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False
) -> None:
    """Close a finding by the change that fixes it: to a runbook, the strategy, the code."""
    session = begin(env, region, now)
    _keep(session, closed(_of(session, finding), change, session.made_by, session.now()), as_json=as_json)


def read(session: Session) -> tuple[list[Finding], list[str]]:
    """Of both regions' evidence, and what of it could not be read. AwsTrouble when the region asked for does not answer."""
    strategy, here = session.strategy, session.region
    other = Region(strategy.regions.other(here.name))

    def of(region: Region) -> list[records.Record]:
        bucket = naming.evidence_bucket(strategy.prefix, region.name, strategy.account)
        return records.read(region.client("s3"), bucket, FOLDERS)

    mine = must(here.name, lambda: of(here))
    theirs: list[records.Record] | NotChecked
    try:
        theirs = ask(other.name, lambda: of(other))
    except AwsTrouble as trouble:
        theirs = NotChecked(str(trouble))
    if isinstance(theirs, NotChecked):
        return findings(mine), [f"{other.name}: {theirs.because}"]
    return findings(records.together(mine, theirs)), []


def _of(session: Session, identity: str) -> Finding:
    known, _ = read(session)
    for each in known:
        if each.id == identity:
            return each
    names = ", ".join(each.id for each in known if each.open) or "none is open"
    raise NoFinding(f"there is no finding {identity!r}; open: {names}")


def _keep(session: Session, record: dict[str, str], *, as_json: bool) -> None:
    strategy, here = session.strategy, session.region
    bucket = naming.evidence_bucket(strategy.prefix, here.name, strategy.account)
    key = must(here.name, lambda: write(here.client("s3"), bucket, record))
    if as_json:
        typer.echo(json.dumps({"format": FORMAT, "record": key, **record}, indent=2))
        return
    with console() as out:
        words = record.get("change") or f"{record['owner']}, by {record['due']}"
        out.print(Text(f"{record['finding']}: {record['kind'].partition('-')[2]}: {words}"))
        out.print(Text(f"kept as {key}, and sealed within the hour"))


def _page(session: Session, known: Iterable[Finding], missing: list[str]) -> None:
    known, today = list(known), session.now().date()
    opened = [each for each in known if each.open]
    with console() as out:
        out.print(Text(f"{session.strategy.prefix}: {len(opened)} open, {len(known) - len(opened)} closed", style="bold"))
        rows = table(out, "finding", "of", "what", "owner", "due", "closed by")
        for each in sorted(known, key=lambda each: (not each.open, each.record.at)):
            owner = Text(each.owner) if each.owner else Text("NOBODY" if each.open else "-", "bold red" if each.open else "")
            late = each.due is not None and each.overdue(today)
            due = Text(f"{each.due} OVERDUE" if late else str(each.due or "-"), "bold red" if late else "")
            rows.add_row(each.id, moment_text(each.record.at), Text(each.what), owner, due, Text(each.change or "-"))
        if known:
            out.print(rows)
        for text in missing:
            out.print(Text(f"not checked: {text}", style="yellow"))
        if not known and not missing:
            out.print(Text("Nothing that was tried has failed. Whether anything was tried: python -m recovery report"))

"""`python -m recovery calendar`: what is looked at each week, month, quarter and year; when it last was; what is overdue."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.text import Text

from recovery.aws import AwsTrouble, must
from recovery.calendar.due_dates import SIGNED, Standing, standings
from recovery.cli.console import console, table
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.session import Session, begin
from recovery.cli.times import Now
from recovery.evidence import bucket as evidence
from recovery.evidence import records
from recovery.moments import moment_text
from strategy.catalogue import names
from strategy.catalogue.calendar import DUTIES, FUNCTION, duty
from strategy.contracts.requests.calendar import request_for

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FORMAT = 1

Name = Annotated[str, typer.Argument(metavar="DUTY", help="a duty that only a person can do, such as strategy-review")]
Due = Annotated[str, typer.Argument(metavar="DUTY", help="a duty of the clock, such as job-review")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="what was looked at, and what came of it")]


@app.callback(invoke_without_command=True)
def calendar(
    context: typer.Context, *, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False
) -> None:
    """The calendar of duties: weekly, monthly, quarterly, annual. Exit code 1 when one is overdue.

    Reads one region's evidence, which is replicated to the other.
    """
    if context.invoked_subcommand is not None:
        return
    session = begin(env, region, now)
    found = standings(_records(session), session.now())
    if as_json:
        typer.echo(json.dumps({"format": FORMAT, "duties": [each.as_json() for each in found]}, indent=2))
    else:
        _page(session, found)
    if any(each.overdue for each in found):
        raise typer.Exit(ExitCode.NOT_KEPT)


@app.command()
def sign(
    name: Name, *, note: Note, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False
) -> None:
    """Sign a duty that only a person can do, once it is done."""
    signable = [each.name for each in DUTIES if each.signed]
    if name not in signable:
        raise typer.BadParameter(f"DUTY: found {name!r}; allowed: {', '.join(signable)}; the others are done by the clock")
    if not note.strip():
        raise typer.BadParameter("--note: it is empty; say what was looked at, and what came of it")
    session = begin(env, region, now)
    strategy, here, moment = session.strategy, session.region, session.now()
    record = {
        "format": FORMAT,
        "kind": SIGNED,
        "duty": name,
        "at": moment.isoformat(),
        "by": session.made_by,
        "region": here.name,
        "outcome": "passed",
        "looked_at": note.strip(),
    }
    key, bucket = evidence.duty_key(name, moment, here.name), names.evidence_bucket(strategy.prefix, here.name, strategy.account)
    body = json.dumps(record, indent=2).encode()
    must(
        here.name,
        lambda: here.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"),
    )
    typer.echo(json.dumps({"format": FORMAT, "record": key}) if as_json else f"signed: {duty(name).title}, kept as {key}")


@app.command()
def run(name: Due, *, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """Have a duty of the clock done now, by its function: after one that was missed, and once in a new environment."""
    known = [each.name for each in DUTIES if each.schedule is not None]
    if name not in known:
        raise typer.BadParameter(f"DUTY: found {name!r}; allowed: {', '.join(known)}; the others have schedules of their own")
    session = begin(env, region, now)
    here, asked = session.region, json.dumps(request_for(session.strategy, session.region.name, name).to_json()).encode()
    function = names.function(session.strategy.prefix, FUNCTION)
    answer = must(here.name, lambda: here.client("lambda").invoke(FunctionName=function, Payload=asked))
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise AwsTrouble(f"{function} in {here.name}: {said.get('errorMessage', said)}")
    typer.echo(
        json.dumps({"format": FORMAT, **said}) if as_json else f"{duty(name).title}: {said['outcome']}, kept as {said['record']}"
    )
    if said["outcome"] == "failed":
        raise typer.Exit(ExitCode.NOT_KEPT)


def _records(session: Session) -> list[records.Record]:
    folders = sorted({folder for each in DUTIES for folder in each.folders})
    bucket = names.evidence_bucket(session.strategy.prefix, session.region.name, session.strategy.account)
    return must(session.region.name, lambda: records.read(session.region.client("s3"), bucket, folders))


def mend(standing: Standing) -> str:
    """What to type when it is overdue."""
    each = standing.duty
    if each.signed:
        return f"python -m recovery calendar sign {each.name} --note TEXT"
    if each.schedule is not None:
        return f"python -m recovery calendar run {each.name}"
    return "it has a schedule of its own: look why that did not run"


def _page(session: Session, found: list[Standing]) -> None:
    with console() as out:
        out.print(Text(f"{session.strategy.prefix}: the calendar, as of {moment_text(session.now())}", style="bold"))
        rows = table(out, "duty", "often", "last", "outcome", "due", "state")
        for each in found:
            state = Text(each.state.upper(), "bold red") if each.overdue else Text(each.state, "green")
            last = (moment_text(each.last.at), str(each.last.state)) if each.last else ("-", "-")
            rows.add_row(each.duty.title, each.duty.often, *last, moment_text(each.due) if each.due else "-", state)
        out.print(rows)
        for each in found:
            if each.overdue:
                out.print(Text(f"{each.duty.title}: {mend(each)}", style="bold red"))

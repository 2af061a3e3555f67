"""`python -m recovery verify`: is what a store holds what it should be?

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format, store, target, against   what was compared with what: the key of a manifest, or the name of the store in use
verdict    "passed" | "failed" | "not_checked"; exit codes 0, 1 and 3
counted    rows or items that were read
levels     [{level, verdict, detail}]
rows       [{part, key, what, columns}]: against the live store, the rows that differ, some of each table
next       a command that names the rows, where a manifest could only name chunks; empty otherwise
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from recovery import endpoint
from recovery.aws import AwsTrouble, must
from recovery.cli import verify_run
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.session import begin
from recovery.cli.times import Now, moment_or_age
from recovery.cli.verify_progress import Reading
from recovery.mysql import AT_ONCE
from recovery.verify.mode import Mode
from recovery.verify.pace import MOST_LAG, MOST_RUNNING, PATIENCE, Limits
from recovery.verify.result import Level, Verdict
from strategy import StrategyError
from strategy.catalogue.store_arns import physical_name

FORMAT = 1


class Against(StrEnum):
    MANIFEST = "manifest"
    LIVE = "live"


StoreName = Annotated[str, typer.Argument(metavar="STORE", help="its name in the strategy")]
What = Annotated[
    Against,
    typer.Option(case_sensitive=False, help="what was written down at a backup, or the store that the application uses now"),
]
Target = Annotated[str | None, typer.Option(metavar="NAME", help="the instance or table to look at; the one in use when absent")]
Key = Annotated[str | None, typer.Option("--manifest", metavar="KEY", help="this one; the newest before --at when absent")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="the moment the data is of; without it, it must equal the manifest exactly"),
]
How = Annotated[
    Mode,
    typer.Option(
        help="how MySQL rows are hashed against LIVE: cryptographic misses once in 2^64; fast is CRC32, misses an accident once "
        "in 2^32, and can be deceived on purpose. A manifest's own way is used against it"
    ),
]
Running = Annotated[
    int, typer.Option("--max-running", min=1, metavar="THREADS", help="pause while the server runs more threads at once")
]
Lag = Annotated[
    float,
    typer.Option("--max-lag", min=0, metavar="SECONDS", help="pause while a replica of it, or it itself, is more behind"),
]
Patience = Annotated[float, typer.Option(min=0, metavar="SECONDS", help="of pausing, all in all; then nothing was checked")]
Connections = Annotated[int, typer.Option(min=1, max=16, help="that read at the same time")]
Resume = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="write down here what is finished, and go on after it when started again; for a copy that nobody writes to, against "
        "a manifest",
    ),
]


@dataclass(frozen=True, slots=True)
class Outcome:
    store: str
    target: str
    against: str
    verdict: Verdict
    counted: int
    levels: tuple[Level, ...]
    rows: tuple[verify_run.Different, ...] = ()
    next: str = ""


def verify(
    store: StoreName,
    *,
    against: What = Against.MANIFEST,
    target: Target = None,
    manifest: Key = None,
    at: At = None,
    mode: How = Mode.CRYPTOGRAPHIC,
    max_running: Running = MOST_RUNNING,
    max_lag: Lag = MOST_LAG,
    patience: Patience = PATIENCE,
    connections: Connections = AT_ONCE,
    resume: Resume = None,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Compare a store with its manifest, or a restored copy with the live store, and name the rows that differ.

    Only reads, MySQL no faster than the limits allow. From where the database can be reached: DATABASE_CA_BUNDLE names the
    certificates of RDS. Exit code 1 when it differs, 3 when it could not be checked.
    """
    session = begin(env, region, now)
    try:
        known = session.strategy.store(store)
    except KeyError as error:
        raise StrategyError(str(error.args[0])) from error
    if resume and against is Against.LIVE:
        raise typer.BadParameter("--resume: goes with --against manifest: a live store does not stand still meanwhile")
    reading = Reading(Limits(max_running, max_lag, patience), connections, resume)
    where = session.region
    prefix, named = session.strategy.prefix, physical_name(session.strategy, known)
    in_use = must(where.name, lambda: endpoint.in_use(where.client("ssm"), prefix, known.name, otherwise=named))
    name = target or in_use
    if against is Against.LIVE:
        if name == in_use:
            raise typer.BadParameter(f"--target: found {name!r}, which is the live store itself; allowed: a restored copy of it")
        levels, counted, rows = verify_run.with_live(where, known, name, in_use, mode, reading=reading)
        outcome = Outcome(store, name, in_use, Verdict.over(level.verdict for level in levels), counted, levels, rows)
    else:
        moment = moment_or_age(at, session.begun) if at else None
        key, report = verify_run.with_manifest(session, known, name, key=manifest, moment=moment, reading=reading)
        named = session.command("verify", store, "--against", "live", "--target", name)
        more = named if report.verdict is Verdict.FAILED and name != in_use else ""
        outcome = Outcome(store, name, key or "no manifest", report.verdict, report.counted, report.levels, next=more)
    if as_json:
        typer.echo(json.dumps(_as_json(outcome), indent=2))
    else:
        _show(outcome)
    if outcome.verdict is Verdict.FAILED:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if outcome.verdict is not Verdict.PASSED:
        reason = next(level.detail for level in outcome.levels if level.verdict is Verdict.NOT_CHECKED)
        raise AwsTrouble(f"{name} was not checked: {reason}")


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "store": outcome.store,
        "target": outcome.target,
        "against": outcome.against,
        "verdict": str(outcome.verdict),
        "counted": outcome.counted,
        "levels": [level.as_json() for level in outcome.levels],
        "rows": [row.as_json() for row in outcome.rows],
        "next": outcome.next,
    }


def _show(outcome: Outcome) -> None:
    with console() as out:
        out.print(f"{outcome.target}, against {outcome.against}: {outcome.verdict.replace('_', ' ')}", markup=False)
        for level in outcome.levels:
            out.print(f"  {level.name:8} {level.verdict.replace('_', ' '):12} {level.detail}", markup=False)
        for row in outcome.rows:
            out.print(f"  {row}", markup=False)
        if outcome.next:
            out.print(f"A manifest holds no keys. To name the rows, compared with {outcome.store} as it is now:", markup=False)
            out.print(f"  {outcome.next}", markup=False)

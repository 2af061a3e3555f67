"""`python -m recovery init NAME`: a first environment for stores that exist."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from recovery.assess.starter import CannotStart, Place, Ready, free_range, write
from recovery.aws import AwsTrouble, NotChecked, Region, ask, must
from recovery.cli.assess import Here, Pattern, There, assessed
from recovery.cli.exit_codes import ExitCode
from recovery.cli.times import Now
from strategy import Strategy, StrategyError, load
from strategy.checks.guards import Severity, check
from strategy.model.document import BASE
from strategy.model.loader import ENVIRONMENTS

Name = Annotated[str, typer.Argument(metavar="NAME", help="of the new environment; the file is environments/NAME.toml")]
Email = Annotated[list[str] | None, typer.Option("--email", metavar="ADDRESS", help="who is told of failures; repeatable")]
Force = Annotated[bool, typer.Option("--force", help="write over an environment of that name")]
Into = Annotated[Path, typer.Option("--into", metavar="FOLDER", show_default="environments", help="where environments are")]
_ZONES = 2


def init(
    name: Name,
    *,
    env: Pattern = "prod",
    primary: Here = None,
    recovery: There = None,
    email: Email = None,
    into: Into = ENVIRONMENTS,
    force: Force = False,
    now: Now = None,
) -> None:
    """Write environments/NAME.toml for the stores that an account has, with the rules and promises of --env.

    The stores stay whoever's they are: this app backs them up, copies, tests and watches them, and changes none. Exit code 1
    when the written strategy cannot keep its own promises yet; the file is there, and says where to look.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{1,15}", name):
        raise typer.BadParameter(f"NAME: found {name!r}; allowed: 2 to 16 lower-case letters and digits, a letter first")
    path = into / f"{name}.toml"
    if path.name == BASE:
        raise typer.BadParameter(f"NAME: found {name!r}; allowed: any other, since {BASE} is what environments share")
    if path.exists() and not force:
        raise CannotStart(f"{path} is there already: choose another name, or --force")
    found = assessed(env, primary, recovery, now)
    ready = Ready(name, tuple(email or ()), _places(found.strategy), *_audited(found.strategy))
    text, today = write(found.holdings, found.strategy, ready, found.holdings.now.date()), found.holdings.now.date()
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(text, encoding="utf-8")
    try:
        written = load(name, directory=into)
    except StrategyError as error:
        # A file that no command can read would stop all of them.
        path.write_text(before, encoding="utf-8") if before is not None else path.unlink()
        raise CannotStart(f"what was found makes no strategy, and nothing was written: {error}") from error
    findings = [each for each in check(written, today) if each.severity is Severity.ERROR]
    marks = text.count("# look:")
    typer.echo(f"Wrote {path}: {len(written.stores)} stores, {marks} lines to look at (look:).")
    for each in findings:
        typer.echo(str(each))
    typer.echo(f"Next: python -m recovery strategy --env {name}; then make synth ENV={name}")
    if findings:
        raise typer.Exit(ExitCode.NOT_KEPT)


def _places(strategy: Strategy) -> tuple[Place, ...]:
    """Networks that meet none that are there, in either region, and not one another."""
    found: list[Place] = []
    for name in (strategy.regions.primary, strategy.regions.recovery):
        taken, zones = must(name, partial(_network, Region(name)))
        if len(zones) < _ZONES:
            raise CannotStart(f"{name} shows {len(zones)} availability zones, and two are needed")
        found.append(Place(name, free_range(taken, [each.cidr for each in found]), tuple(sorted(zones)[:_ZONES])))
    return tuple(found)


def _network(region: Region) -> tuple[list[str], list[str]]:
    """Ranges that are taken, and zones by name."""
    ec2 = region.client("ec2")
    taken = [each["CidrBlock"] for page in ec2.get_paginator("describe_vpcs").paginate() for each in page["Vpcs"]]
    return taken, [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]


def _audited(strategy: Strategy) -> tuple[bool, bool]:
    """Whether the primary region has a Config recorder and a trail: there is one recorder at most, and a trail is paid for twice.

    What cannot be asked is taken to be there: making a second recorder fails a deployment.
    """
    region = Region(strategy.regions.primary)
    recorder: Any = _ask(region, lambda: region.client("config").describe_configuration_recorders()["ConfigurationRecorders"])
    trail: Any = _ask(region, lambda: region.client("cloudtrail").describe_trails()["trailList"])
    return recorder is None or bool(recorder), trail is None or bool(trail)


def _ask(region: Region, call: Any) -> Any:
    try:
        answer = ask(region.name, call)
    except AwsTrouble:
        return None
    return None if isinstance(answer, NotChecked) else answer

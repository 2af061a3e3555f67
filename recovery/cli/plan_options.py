"""From the words of `plan` and `restore` to a plan that was looked at; the two commands share every option, and this."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from recovery.aws import must
from recovery.cli import plan_page, region_options
from recovery.cli.console import console
from recovery.cli.session import Session
from recovery.cli.times import moment_or_age
from recovery.region.planner import RegionAsked
from recovery.restore.plan import Plan, PlanError
from recovery.restore.planner import Asked, CannotPlan, make_plan
from recovery.restore.preflight import Checked, preflight
from recovery.restore.region_plan import RegionPlan, any_plan
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.route_names import listed, route_id
from strategy.catalogue.routes import Mode, Route

REGION = "region"
"""Instead of a route: everything that a lost region held."""


def _way(text: str) -> str:
    """The id of the route that is meant."""
    found = route_id(text)
    if found not in {*Route, REGION}:
        raise typer.BadParameter(f"found {text!r}; allowed: {', '.join([*listed(), REGION])}")
    return found


Way = Annotated[
    str,
    typer.Argument(
        parser=_way,
        metavar="ROUTE",
        help=f"one store: {', '.join(listed())}; or all of a lost one: {REGION}",
    ),
]
Incident = Annotated[
    str | None,
    typer.Option("--incident", metavar="TIME", help="of a region: when it was lost; the promised recovery time runs from then"),
]
Approvals = Annotated[
    bool,
    typer.Option(
        "--approvals/--no-approvals",
        help="of a region: wait for somebody else to `approve` it before anything is restored",
    ),
]
StoreName = Annotated[
    str | None, typer.Option("--store", metavar="NAME", help="which store; the only one of the route's kind when absent")
]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="back to this second: 2026-11-23T03:00Z, or '2h ago'")]
Latest = Annotated[bool, typer.Option("--latest", help="back to the latest second that can be restored")]
Point = Annotated[
    str | None, typer.Option("--recovery-point", metavar="ARN", help="this recovery point; the newest usable one when absent")
]
HowFar = Annotated[
    Mode | None,
    typer.Option(
        metavar="MODE",
        help="switch the application over (as it is when absent), leave it beside the old store, or repair the live table",
    ),
]
Drill = Annotated[bool, typer.Option("--drill", help="practise: --mode beside, and what it makes may be cleaned up by command")]
Unverified = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="who answers for data that could not be compared, and why; what differs is refused"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As they were typed: what is to be restored, and how far. `plan` and `restore` take all of them (`taking_options`)."""

    at: At = None
    latest: Latest = False
    recovery_point: Point = None
    mode: HowFar = None
    store: StoreName = None
    drill: Drill = False
    accept_unverified: Unverified = None
    incident: Incident = None
    approvals: Approvals = True


def taking_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with a parameter `options`, as one with these options in its place."""

    @wraps(command)
    def taking(**given: Any) -> None:
        options = Options(**{each.name: given.pop(each.name) for each in fields(Options)})
        command(**given, options=options)

    own, hints = signature(command, eval_str=True), get_type_hints(Options, include_extras=True)
    kind = Parameter.KEYWORD_ONLY
    options = [Parameter(each.name, kind, default=each.default, annotation=hints[each.name]) for each in fields(Options)]
    parameters = [
        new for each in own.parameters.values() for new in (options if each.name == "options" else [each.replace(kind=kind)])
    ]
    taking.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]  # where `inspect` looks first
    taking.__annotations__ = {each.name: each.annotation for each in parameters}
    return taking


@dataclass(frozen=True, slots=True)
class Looked:
    """A plan, and what was found when it was looked at."""

    plan: Plan
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    checked: tuple[Checked, ...]

    @property
    def confirmed(self) -> tuple[str, str]:
        """What is asked, and what is to be typed."""
        return f"Restore {self.plan.store}", self.plan.store

    def show(self, session: Session, *, as_json: bool) -> None:
        if as_json:
            typer.echo(json.dumps(plan_page.as_json(self.plan, self.problems, self.notes, self.checked), indent=2))
            return
        with console() as out:
            plan_page.show(self.plan, self.problems, self.notes, self.checked, now=session.now(), out=out)


def plan_for(session: Session, way: str, options: Options) -> Looked | region_options.Looked:
    """A new plan, made now. Makes only read calls."""
    if way == REGION:
        return region_options.plan_for(session, _region_asked(session, options))
    if options.incident is not None or not options.approvals:
        raise CannotPlan(f"--incident, --no-approvals: they belong to `{REGION}`, not to {way}")
    asked = _asked(session, Route(way), options)
    made = must(
        session.region.name,
        lambda: make_plan(session.strategy, session.region, asked, now=session.begun, made_by=session.made_by),
    )
    return _look(session, made.plan, made.notes)


def plan_from(session: Session, way: str, file: Path, options: Options) -> Looked | region_options.Looked:
    """The plan of a file, whole and unchanged, as `plan --json` wrote it."""
    if options != Options():
        raise CannotPlan("--plan: the plan says everything; give no other option about what to restore")
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"--plan: {file} is no plan: {error}") from error
    plan = any_plan(document.get("plan", document) if isinstance(document, dict) else {})
    here = (session.strategy.environment, session.region.name, WORKFLOW if way == REGION else way)
    if (plan.environment, plan.region, str(plan.route)) != here:
        raise PlanError(
            f"--plan: {file} is a plan for {plan.route} --env {plan.environment} --region {plan.region}, not {' '.join(here)}"
        )
    return region_options.look(session, plan, ()) if isinstance(plan, RegionPlan) else _look(session, plan, ())


def _region_asked(session: Session, options: Options) -> RegionAsked:
    others = (options.store, options.recovery_point, options.mode, options.accept_unverified)
    if any(each is not None for each in others) or options.latest:
        unfit = "--store, --recovery-point, --mode, --latest and --accept-unverified"
        raise CannotPlan(f"{unfit} do not go with `{REGION}`: all comes back, from the newest that is verified")
    if options.incident is None:
        raise CannotPlan("--incident: say when the region was lost: 2026-11-23T03:00Z, or '2h ago'")
    moment = moment_or_age(options.at, session.begun) if options.at is not None else None
    incident = moment_or_age(options.incident, session.begun)
    return RegionAsked(incident, moment, drill=options.drill, approvals=options.approvals)


def _asked(session: Session, route: Route, options: Options) -> Asked:
    if options.at is not None and options.latest:
        raise CannotPlan("--at and --latest: give one of them")
    if options.drill and options.mode not in {None, Mode.BESIDE}:
        raise CannotPlan(
            f"--drill: it leaves the application alone, so --mode {options.mode} does not fit; leave one of them out"
        )
    if options.accept_unverified is not None and not options.accept_unverified.strip():
        raise CannotPlan("--accept-unverified: say who answers for it, and why")
    moment = moment_or_age(options.at, session.begun) if options.at is not None else None
    latest: Literal["latest"] | None = "latest" if options.latest else None
    return Asked(
        route=route,
        mode=options.mode or Mode.SWITCH,
        store=options.store,
        moment=moment or latest,
        point=options.recovery_point,
        drill=options.drill,
        accept_unverified=options.accept_unverified,
    )


def _look(session: Session, plan: Plan, notes: tuple[str, ...]) -> Looked:
    """The workflow looks again, right before it restores."""
    checked = must(session.region.name, lambda: preflight(plan, session.region.client, session.begun))
    problems = tuple(f"{each.what}: {each.problem}" for each in checked if each.problem)
    unknown = tuple(f"{each.what}: {each.note}" for each in checked if not each.problem and each.note.startswith("not checked"))
    return Looked(plan, problems, (*notes, *unknown), tuple(checked))

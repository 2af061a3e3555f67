"""A bank at work while virtual time passes."""

from __future__ import annotations

from datetime import datetime, timedelta

from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context, World, wait_for

ROUNDS_PER_HOUR = 25
"""How many rounds the bank's services do, together, for each virtual hour or part of it."""


def work_until(context: Context, world: World, moment: datetime, detail: Detail) -> int:
    """Let the services write until `moment`, hour by hour; returns how many rounds were acknowledged meanwhile."""
    clock, application = context.cloud.clock, world.application
    before = application.rounds
    while (now := clock.now()) < moment:
        work(world, ROUNDS_PER_HOUR)
        detail.now(f"{application.rounds - before} rounds written, {now:%H:%M} UTC")
        clock.advance_to(min(now + timedelta(hours=1), moment))
    return application.rounds - before


def work(world: World, rounds: int) -> None:
    """So many rounds more, of all services together, and at least one of each that runs."""
    application = world.application
    target, each = application.rounds + rounds, {service: service.rounds for service in application.services.values()}

    def done() -> bool:
        all_worked = all(service.rounds > begun or not service.running for service, begun in each.items())
        return (application.rounds >= target and all_worked) or not application.running

    wait_for(done, what="the bank's services")

"""Where customers are led, seen as they see it: their name resolved by the deployed records, from outside all regions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from aws_rehearsal import NoAnswer, schedules
from rehearsal.scenarios.base import Context, ScenarioFailed, wait_for
from strategy.catalogue import names

_SETTLED_SECONDS = 0.2


def led_to(context: Context) -> str:
    """The region that the customers' name leads to now. ScenarioFailed where it leads nowhere."""
    dns, web = context.strategy.dns, context.cloud.web
    if dns is None or web is None:
        raise ScenarioFailed(f"{context.strategy.environment} has no [dns]: its traffic is moved by whoever owns the names")
    path = web.dns.path(dns.name)
    for region in (context.primary, context.recovery):
        if dns.regional(region) in path:
            return region
    raise ScenarioFailed(f"the customers' name leads nowhere: {' → '.join(path)}")


def answers(context: Context, service: str) -> int:
    """HTTP status of a service's health check by the customers' name; 0 without any answer."""
    dns, web = context.strategy.dns, context.cloud.web
    if dns is None or web is None:
        return 0
    try:
        return web.answer(f"http://{dns.name}/{service}/actuator/health")[0]
    except NoAnswer:
        return 0


@contextmanager
def minute_by_minute(context: Context, region: str, *beside: str) -> Iterator[None]:
    """From the cutover in `region` on, it and those `beside` publish their claim and look at their
    fence every minute, as on AWS; before that, hours are leapt over. Looks at a region that is gone are counted apart.
    """
    cloud, run, regions = context.cloud, each_minute(context), [region, *beside]
    thrown = names.function(context.strategy.prefix, "throw-switch")
    cloud.gateway.watchmen.update(run)

    def notice(where: str, function: str, _event: Any) -> None:
        if where == region and function == thrown:
            schedules().each_minute(regions, run)

    cloud.before_invoke.append(notice)
    try:
        yield
    finally:
        cloud.before_invoke.remove(notice)
        schedules().each_minute(regions, ())


def pass_minutes(context: Context, minutes: int, *regions: str) -> None:
    """Minutes in which each region does what it does every minute."""
    clock = context.cloud.clock
    schedules().each_minute(regions, each_minute(context))
    try:
        for _ in range(minutes):
            clock.advance_to(clock.now() + timedelta(minutes=1))
            wait_for(lambda: context.cloud.gateway.idle_seconds() > _SETTLED_SECONDS, what="what runs each minute")
    finally:
        schedules().each_minute(regions, ())


def each_minute(context: Context) -> tuple[str, ...]:
    """Functions that move and fence traffic, and run each minute."""
    return tuple(names.function(context.strategy.prefix, each) for each in ("publish-switch", "fence-region"))

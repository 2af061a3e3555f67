"""Where customers are led, seen as they see it: their name resolved by the deployed records, from outside all regions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rehearsal.cloud.events import schedules
from rehearsal.cloud.web.proxy import NoAnswer
from rehearsal.scenarios.base import Context, ScenarioFailed
from strategy import naming


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
def minute_by_minute(context: Context, region: str) -> Iterator[None]:
    """From the moment on at which the switch is thrown in `region`, it publishes its claim and looks at its fence every minute,
    as on AWS; before that, hours are leapt over. Its looks at a region that is gone are counted apart.
    """
    prefix, cloud = context.strategy.prefix, context.cloud
    run = tuple(naming.function(prefix, each) for each in ("publish-switch", "fence-region"))
    thrown = naming.function(prefix, "throw-switch")
    cloud.door.watchmen.update(run)

    def notice(where: str, function: str, _event: Any) -> None:
        if where == region and function == thrown:
            schedules().each_minute([region], run)

    cloud.before_invoke.append(notice)
    try:
        yield
    finally:
        cloud.before_invoke.remove(notice)
        schedules().each_minute([region], ())

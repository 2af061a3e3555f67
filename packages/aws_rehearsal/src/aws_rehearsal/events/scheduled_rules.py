"""Rules with a schedule: calendar appointments on the virtual clock.

The clock does not leap to them; they fire, each at its own moment, when time passes over them. `cron(…)` is read by
`aws_rehearsal.cron`. A `rate(…)` counts from the moment the rule was put, as on AWS. What runs
each minute, and what monitors each quarter of an hour, is run only while the cloud is asked to (`cloud.each_minute`,
`cloud.monitored`): a leap of hours would else be hundreds of calls.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.events.exceptions import ValidationException
from moto.events.models import events_backends

from aws_rehearsal import cron
from aws_rehearsal.clock import Appointment

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

HORIZON = timedelta(days=366 * 8)
"""How far ahead a run is looked for: 29 February comes every eight years at worst."""
EACH_MINUTE = "rate(1 minute)"
EACH_QUARTER = "rate(15 minutes)"
_RATE = re.compile(r"rate\((?P<count>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")

Fire = Callable[[Any, dict[str, Any]], None]
"""(moto's rule, event in AWS's shape) → delivery to the rule's targets."""


class Schedules:
    """The scheduled rules of one cloud, by region and name."""

    def __init__(self, cloud: Cloud, fire: Fire) -> None:
        self._cloud = cloud
        self._fire = fire
        self._planned: dict[tuple[str, str], Appointment] = {}

    def plan(self, rule: Any) -> None:
        """Plan the next run of moto's rule as it now is, in place of what was planned under its name."""
        self.forget(rule.region_name, rule.name)
        if rule.scheduled_expression == EACH_MINUTE and not self._cloud.each_minute:
            return
        if rule.scheduled_expression == EACH_QUARTER and not self._cloud.monitored:
            return
        if rule.scheduled_expression and rule.state == "ENABLED":
            self._plan_after(rule, self._cloud.clock.now())

    def each_minute(self, regions: Collection[str], functions: Collection[str]) -> None:
        """From now on, of all that runs each minute in these regions, only what calls one of these functions runs."""
        before, self._cloud.each_minute = self._cloud.each_minute, bool(functions)
        for region in regions:
            backend = events_backends[ACCOUNT][region]
            for rule in list(backend.event_buses["default"].rules.values()):
                called = {str(target["Arn"]).rpartition(":")[2] for target in rule.targets}
                if rule.scheduled_expression == EACH_MINUTE:
                    self.forget(rule.region_name, rule.name)
                    if called & set(functions):
                        self.plan(rule)
        self._cloud.each_minute = before

    def forget(self, region: str, name: str) -> None:
        appointment = self._planned.pop((region, name), None)
        if appointment is not None:
            appointment.cancel()

    def lose(self, region: str) -> None:
        for planned_region, name in list(self._planned):
            if planned_region == region:
                self.forget(region, name)

    def _plan_after(self, rule: Any, moment: datetime) -> None:
        run = next_run(rule.scheduled_expression, moment)
        if run is not None:
            appointment = self._cloud.clock.call_at(run, lambda: self._run(rule, run), leap=False)
            self._planned[rule.region_name, rule.name] = appointment

    def _run(self, rule: Any, moment: datetime) -> None:
        self._plan_after(rule, moment)
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": rule.account_id,
            "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": rule.region_name,
            "resources": [rule.arn],
            "detail": {},
        }
        self._fire(rule, event)


def next_run(expression: str, after: datetime) -> datetime | None:
    """The first run after a moment; None when there is none to come. A ValidationException when it cannot be read."""
    if rate := _RATE.fullmatch(expression):
        count = int(rate["count"])
        if (count == 1) == bool(rate["plural"]):
            raise ValidationException("Parameter ScheduleExpression is not valid.")
        return after + timedelta(**{f"{rate['unit']}s": count})
    start = after.replace(microsecond=0) + timedelta(seconds=1)
    try:
        return next(iter(cron.runs(expression, start, start + HORIZON)), None)
    except ValueError as error:
        raise ValidationException(f"Parameter ScheduleExpression is not valid: {error}") from error

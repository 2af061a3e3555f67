"""What is paid so that silence is noticed: alarms, metrics, dashboards, and the functions that run all day.

What AWS gives to each account free (10 metrics and alarms, 3 dashboards, a million invocations) is not taken off: one account
holds more than one environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from strategy.catalogue import alarm_table, metrics
from strategy.cost.assumptions import HOURS, Assumptions
from strategy.cost.lines import Line, Purpose, Writer
from strategy.cost.prices import Prices
from strategy.model.stores import DynamoDbStore, MySqlStore
from strategy.model.strategy import Strategy

_MINUTES = HOURS * 60
_MILLION = 10**6
SWITCH = 1
"""The switch's own alarm and metric, in each region: `dr_stack/cutover/switch.py`."""
EACH_MINUTE = ("heartbeats", "switch", "fence")
"""What each region runs each minute; the heartbeat into MySQL is a function more, inside the network."""


def lines(strategy: Strategy, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    for region in (strategy.regions.primary, strategy.regions.recovery):
        yield from _of_region(strategy, Writer(prices, region), assumed)


def _of_region(strategy: Strategy, write: Writer, assumed: Assumptions) -> Iterator[Line]:
    table = alarm_table.table(strategy, write.region)
    looked_at = SWITCH + sum(len(alarm.metrics) for alarm in table)
    how = f"{len(table) + SWITCH} alarms; one pays for each metric that it reads"
    yield write.line(Purpose.WATCHING, "alarms", looked_at, "alarm", how)
    own = {metric.key for alarm in table for metric in alarm.metrics if not metric.namespace.startswith("AWS/")}
    beats = {metrics.heartbeat(strategy.prefix, write.region, store.name).key for store in strategy.stores}
    count = len(own | beats) + SWITCH
    yield write.line(Purpose.WATCHING, "metrics", count, "metric", "the monitor's, a heartbeat for each store, and the switch")
    yield write.line(Purpose.WATCHING, "dashboard", 1, "dashboard", "one in each region")
    yield from _functions(strategy, write, assumed)


def _functions(strategy: Strategy, write: Writer, assumed: Assumptions) -> Iterator[Line]:
    inside = any(isinstance(store, MySqlStore) for store in strategy.stores)
    each_minute = len(EACH_MINUTE) + inside
    looks = timedelta(hours=HOURS) / metrics.MONITOR_EVERY
    seconds = each_minute * _MINUTES * assumed.minute_seconds + looks * assumed.monitor_seconds
    how = (
        f"{each_minute} functions each minute x {assumed.minute_seconds:g} s, {looks:,.0f} looks x {assumed.monitor_seconds:g} s"
    )
    yield write.line(
        Purpose.WATCHING,
        "functions",
        seconds * assumed.function_gb,
        "lambda_second",
        f"{how}, at {assumed.function_gb:g} GB",
    )
    calls = each_minute * _MINUTES + looks
    yield write.line(Purpose.WATCHING, "invocations", calls / _MILLION, "lambda_request", f"{calls:,.0f} in a month")
    for store in strategy.stores:
        if isinstance(store, DynamoDbStore) and write.region == strategy.regions.primary:
            # A write costs what a replicated write does: AWS's price list has one price for both.
            how = "one item each minute"
            each = Writer(write.prices, write.region, store.name)
            yield each.line(Purpose.WATCHING, "heartbeats", _MINUTES / _MILLION, "dynamodb_replicated_write", how)

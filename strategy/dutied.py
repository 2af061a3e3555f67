"""What the function of the calendar is asked, as one JSON value for each duty and region. Made where there is a Strategy.

It names no other region: it stands in the recovery region's template. It depends on the strategy and the price file alone, so
that a synthesis tomorrow is the same.
"""

from __future__ import annotations

from typing import Any

from strategy.catalogue import calendar, names
from strategy.cost import Prices, monthly
from strategy.model.field_types import duration_text
from strategy.model.stores import Scenario
from strategy.model.strategy import Strategy

FORMAT = 1


def wanted(strategy: Strategy, region: str, duty: str) -> dict[str, Any]:
    """KeyError for a duty that the function does not do."""
    common = {
        "format": FORMAT,
        "duty": duty,
        "environment": strategy.environment,
        "prefix": strategy.prefix,
        "region": region,
        "evidence": names.evidence_bucket(strategy.prefix, region, strategy.account),
    }
    match duty:
        case calendar.CALENDAR:
            return common
        case calendar.JOB_REVIEW:
            return common | {"backs_up": region == strategy.regions.primary}
        case calendar.STORAGE_AND_COST:
            return common | _storage(strategy)
        case calendar.STRATEGY_REVIEW:
            return common | _promises(strategy)
    raise KeyError(duty)


def _storage(strategy: Strategy) -> dict[str, Any]:
    """US dollars a month, as `python -m recovery cost` computes them on the newest day of its prices."""
    prices = Prices.load()
    day = max(each.on for each in prices.all)
    return {
        "vaults": [names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix)],
        "computed_usd": round(monthly(strategy, prices, day).sum(), 2),
        "prices_of": day.isoformat(),
    }


def _promises(strategy: Strategy) -> dict[str, Any]:
    return {
        "promises": [
            f"{store.name}, {scenario}: RPO {duration_text(promise.rpo)}, RTO {duration_text(promise.rto)}"
            for store in strategy.stores
            for scenario in Scenario
            for promise in (store.objectives.of(scenario),)
        ],
        "exclusions": [f"{each.name}: {each.owner}, until {each.review}" for each in strategy.exclusions],
        "accepted_breaches": [
            f"{each.store}, {each.scenario} {each.objective}: {each.owner}, until {each.until}"
            for each in strategy.accepted_breaches
        ],
    }

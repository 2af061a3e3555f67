"""What the function of the calendar is asked, for each duty and region. It depends on the strategy and the price file alone."""

from __future__ import annotations

from typing import Any

from strategy.catalogue import calendar, names
from strategy.contracts.calendar import CalendarRequest, JobReviewRequest, StorageReviewRequest, StrategyReviewRequest
from strategy.cost import Prices, monthly
from strategy.model.field_types import duration_text
from strategy.model.stores import Scenario
from strategy.model.strategy import Strategy

FORMAT = 1


def request_for(strategy: Strategy, region: str, duty: str) -> CalendarRequest:
    """KeyError for a duty that the function does not do."""
    common: dict[str, Any] = {
        "format": FORMAT,
        "duty": duty,
        "environment": strategy.environment,
        "prefix": strategy.prefix,
        "region": region,
        "evidence": names.evidence_bucket(strategy.prefix, region, strategy.account),
    }
    match duty:
        case calendar.CALENDAR:
            return CalendarRequest(**common)
        case calendar.JOB_REVIEW:
            return JobReviewRequest(**common, backs_up=region == strategy.regions.primary)
        case calendar.STORAGE_AND_COST:
            usd, day = computed(strategy)
            vaults = (names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix))
            return StorageReviewRequest(**common, vaults=vaults, computed_usd=usd, prices_of=day)
        case calendar.STRATEGY_REVIEW:
            return _review(strategy, common)
    raise KeyError(duty)


def computed(strategy: Strategy) -> tuple[float, str]:
    """US dollars a month, as `python -m recovery cost` computes them on the newest day of its prices; and that day."""
    prices = Prices.load()
    day = max(each.on for each in prices.all)
    return round(monthly(strategy, prices, day).sum(), 2), day.isoformat()


def _review(strategy: Strategy, common: dict[str, Any]) -> StrategyReviewRequest:
    return StrategyReviewRequest(
        **common,
        promises=tuple(
            f"{store.name}, {scenario}: RPO {duration_text(promise.rpo)}, RTO {duration_text(promise.rto)}"
            for store in strategy.stores
            for scenario in Scenario
            for promise in (store.objectives.of(scenario),)
        ),
        exclusions=tuple(f"{each.name}: {each.owner}, until {each.review}" for each in strategy.exclusions),
        accepted_breaches=tuple(
            f"{each.store}, {each.scenario} {each.objective}: {each.owner}, until {each.until}"
            for each in strategy.accepted_breaches
        ),
    )

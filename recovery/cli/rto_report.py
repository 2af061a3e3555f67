"""What `rto` tells, as one value for its page, its picture and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from recovery.errors import WrongInput
from recovery.pages.formats import span
from recovery.pages.table import Table
from strategy import Strategy
from strategy.catalogue.manual_procedure import BY_HAND, HandStep, total
from strategy.checks.timeline import Kind, Part, Placed
from strategy.cost import Prices
from strategy.cost.tiers import Outcome, outcome
from strategy.model.field_types import duration_text, size_text
from strategy.model.stores import MySqlStore
from strategy.model.strategy import Standby

FORMAT = 1


class NotModelled(WrongInput, LookupError):
    """The strategy has no duration for that size."""


@dataclass(frozen=True)
class RtoReport:
    """One size: the tier that was asked for, and all of them side by side."""

    strategy: Strategy
    size: str
    chosen: Outcome
    tiers: tuple[Outcome, ...]

    @classmethod
    def of(cls, strategy: Strategy, tier: Standby, today: date, prices: Prices, size: int | None = None) -> RtoReport:
        """`size` in bytes, of the MySQL stores. NotModelled where no band of restore durations reaches that far."""
        tiers = tuple(outcome(strategy, each, today, prices, size) for each in Standby)
        chosen = next(each for each in tiers if each.tier is tier)
        for each in tiers:
            for step in each.timeline.steps:
                if step.task.takes is None:
                    raise NotModelled(
                        f"{step.task.name} has no modelled duration: add a band to the store's restore durations in "
                        f"environments/{strategy.environment}.toml"
                    )
        expected = " and ".join(size_text(store.expected_size) for store in strategy.stores if isinstance(store, MySqlStore))
        return cls(strategy, size_text(size) if size is not None else f"{expected} (expected in 12 months)", chosen, tiers)

    @property
    def title(self) -> str:
        return (
            f"{self.strategy.prefix}: recovery in {self.strategy.regions.recovery} of what ran in {self.strategy.regions.primary}"
        )

    @property
    def scale(self) -> timedelta:
        """As long as the longer of both, the workflow and the procedure by hand."""
        return max(total()[1], *(step.end for step in self.chosen.timeline.steps))

    def as_json(self) -> dict[str, Any]:
        least, most = total()
        return {
            "format": FORMAT,
            "environment": self.strategy.environment,
            "size": self.size,
            "tier": str(self.chosen.tier),
            "rto_seconds": seconds(rto(self.chosen)),
            "overhead_seconds": seconds(self.chosen.timeline.overhead),
            "overhead_share": round(self.chosen.timeline.overhead_share or 0.0, 4),
            "critical_path": [task.name for task in self.chosen.timeline.path],
            "steps": [_step(each) for each in self.chosen.timeline.steps],
            "by_hand": {
                "least_seconds": seconds(least),
                "most_seconds": seconds(most),
                "steps": [
                    {
                        "name": each.name,
                        "least_seconds": seconds(each.least),
                        "most_seconds": seconds(each.most),
                        "source": each.source,
                    }
                    for each in BY_HAND
                ],
            },
            "tiers": [_tier(each) for each in self.tiers],
        }


def rto(found: Outcome) -> timedelta:
    """Of an outcome that `RtoReport.of` has let pass: every duration is known."""
    if found.timeline.rto is None:
        raise NotModelled(f"{found.tier} has a step without a duration")
    return found.timeline.rto


def usd(found: Outcome) -> str:
    """Of a month; `+ …` names what has no price on file, and is not in the sum."""
    missing = unpriced(found)
    return f"{found.cost.sum():,.0f} USD" + (f" + {', '.join(missing)}" if missing else "")


def takes(step: HandStep) -> str:
    """Of a step by hand."""
    most = duration_text(step.most)
    return most if step.least == step.most else f"{duration_text(step.least)} to {most}"


def tiers(report: RtoReport) -> Table:
    rows = (
        (
            f"{each.tier}{' (shown above)' if each is report.chosen else ''}",
            duration_text(rto(each)),
            span(each.rpo, "none"),
            usd(each),
        )
        for each in report.tiers
    )
    return Table.of("tier|>RTO|>RPO|cost of a month", rows)


def unpriced(found: Outcome) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(line.what for line in found.cost.unpriced))


def seconds(value: timedelta) -> int:
    return int(value.total_seconds())


def by_kind(step: Placed) -> dict[Kind, timedelta]:
    """What the step's time goes to, the kinds it has."""
    spent: dict[Kind, timedelta] = {}
    for part in step.task.parts:
        spent[part.kind] = spent.get(part.kind, timedelta()) + (part.takes or timedelta())
    return spent


def main_part(step: Placed) -> Part:
    """The longest of its parts, our own last: the one whose source matters."""
    return max(step.task.parts, key=lambda part: (part.kind is not Kind.OWN, part.takes or timedelta()))


def _step(each: Placed) -> dict[str, Any]:
    return {
        "name": each.task.name,
        "after": list(each.task.after),
        "start_seconds": seconds(each.start),
        "end_seconds": seconds(each.end),
        "critical": each.critical,
        "parts": [
            {"kind": str(part.kind), "seconds": seconds(part.takes or timedelta()), "source": part.source}
            for part in each.task.parts
        ],
    }


def _tier(each: Outcome) -> dict[str, Any]:
    return {
        "tier": str(each.tier),
        "rto_seconds": seconds(rto(each)),
        "rpo_seconds": seconds(each.rpo) if each.rpo is not None else None,
        "usd_a_month": round(each.cost.sum(), 2),
        "unpriced": list(unpriced(each)),
    }

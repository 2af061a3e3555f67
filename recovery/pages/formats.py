"""Values as pages show them."""

from __future__ import annotations

from datetime import datetime, timedelta

from strategy.formatting import duration_text


def span(value: timedelta | None, unknown: str = "unknown") -> str:
    """Whole seconds, as one says it."""
    return duration_text(timedelta(seconds=round(value.total_seconds()))) if value is not None else unknown


def moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value is not None else "-"


def percent(value: float | None) -> str:
    return f"{100 * value:.1f} %" if value is not None else "none ended"


def number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def usd(value: float | None) -> str:
    return "unknown" if value is None else f"${value:,.2f}"


def signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}${abs(value):,.2f}"

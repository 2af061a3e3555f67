"""RDS's windows: read as RDS writes them, past midnight and past Sunday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from strategy.model.windows import DailyWindow, Span, WeeklyWindow

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_daily_window_opens_every_day_and_may_pass_midnight() -> None:
    window = DailyWindow.parse("23:45-00:30")
    spans = list(window.spans(MONDAY, MONDAY + timedelta(days=1)))
    assert spans == [
        Span(MONDAY - timedelta(minutes=15), MONDAY + timedelta(minutes=30)),
        Span(MONDAY + timedelta(hours=23, minutes=45), MONDAY + timedelta(days=1, minutes=30)),
    ]


def test_a_weekly_window_may_pass_the_end_of_the_week() -> None:
    window = WeeklyWindow.parse("Sun:23:30-Mon:00:30")
    opening = MONDAY - timedelta(minutes=30)
    assert list(window.spans(MONDAY, MONDAY + timedelta(days=6))) == [Span(opening, opening + timedelta(hours=1))]
    assert list(window.spans(MONDAY + timedelta(minutes=30), MONDAY + timedelta(days=6))) == []


def test_windows_that_only_touch_do_not_overlap() -> None:
    one, two = timedelta(hours=1), timedelta(hours=2)
    assert not Span(MONDAY, MONDAY + one).overlaps(Span(MONDAY + one, MONDAY + two))
    assert Span(MONDAY, MONDAY + two).overlaps(Span(MONDAY + one, MONDAY + two))


@pytest.mark.parametrize("text", ["5pm", "17:00", "17:00-17:29", "24:00-01:00", "17:00-17:60"])
def test_a_wrong_daily_window(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        DailyWindow.parse(text)


@pytest.mark.parametrize("text", ["17:00-17:30", "sun:17:00-sun:17:20", "sonntag:17:00-sun:18:00", "sun:17:00"])
def test_a_wrong_weekly_window(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        WeeklyWindow.parse(text)

"""docs/rto.md is what the strategy's durations give."""

from __future__ import annotations

import pytest

from strategy.model.strategy import Standby
from tools.rto.__main__ import PAGE, SIZES, page


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.proves("recovery-region.tier-comparison", "region-loss.timeline")
def test_every_size_and_tier_stands_beside_the_hours_by_hand() -> None:
    text = page()
    assert all(f"| {tier} | {size} |" in text for tier in Standby for size in SIZES)
    assert list(SIZES) == ["20 GB", "100 GB", "300 GB"]
    assert "8h to 11h" in text

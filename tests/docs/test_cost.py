"""docs/cost.md is what the strategy and the price file give."""

from __future__ import annotations

import pytest

from tools.cost.__main__ import PAGE, page


@pytest.mark.proves("cost.written-estimate")
def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"

"""Writes docs/cost.md."""

from __future__ import annotations

from pathlib import Path

from recovery.cli.cost_html import markdown
from recovery.cli.cost_report import CostReport
from strategy import load
from strategy.cost import Prices

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
ENVIRONMENT = "prod"


def page() -> str:
    """As of the newest price, so that the same files always give the same page."""
    prices = Prices.load()
    return markdown(CostReport.of(load(ENVIRONMENT), prices, max(each.on for each in prices.all)))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")

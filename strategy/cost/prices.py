"""Prices as data: what, where, how much, for which unit, from where, of which day. `prices.toml` is written anew by
`python -m recovery cost --refresh`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.toml")


class NoPrice(LookupError):
    """There is no price for that, there."""


@dataclass(frozen=True, slots=True)
class Price:
    what: str
    region: str
    usd: float
    unit: str
    source: str
    on: date
    """The day the source is of."""
    checked: bool
    """False: another region's, or not seen in a source of AWS. A refresh replaces it."""


@dataclass(frozen=True, slots=True)
class Prices:
    all: tuple[Price, ...]

    @classmethod
    def load(cls, path: Path = FILE) -> Prices:
        return cls(tuple(_price(each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["prices"]))

    def of(self, what: str, region: str) -> Price:
        for each in self.all:
            if (each.what, each.region) == (what, region):
                return each
        raise NoPrice(f"no price of {what} in {region}: python -m recovery cost --refresh")

    def merged(self, newer: Iterable[Price]) -> Prices:
        """With `newer` in the place of what it replaces."""
        found = {(each.what, each.region): each for each in self.all}
        found |= {(each.what, each.region): each for each in newer}
        return Prices(tuple(found[key] for key in sorted(found)))

    @property
    def oldest(self) -> date:
        return min(each.on for each in self.all)

    def as_toml(self) -> str:
        """The file that `load` reads."""
        lines = ["# Prices in US dollars, before tax and discounts. `python -m recovery cost --refresh` writes this file anew."]
        for each in sorted(self.all, key=lambda price: (price.what, price.region)):
            lines += [
                "",
                "[[prices]]",
                f'what = "{each.what}"',
                f'region = "{each.region}"',
                f"usd = {each.usd:.10g}",
                f'unit = "{each.unit}"',
                f'source = "{each.source}"',
                f"on = {each.on.isoformat()}",
                f"checked = {str(each.checked).lower()}",
            ]
        return "\n".join(lines) + "\n"


def _price(table: dict[str, Any]) -> Price:
    return Price(
        str(table["what"]),
        str(table["region"]),
        float(table["usd"]),
        str(table["unit"]),
        str(table["source"]),
        table["on"],
        bool(table["checked"]),
    )

"""What dates the rows of MySQL, or the items of DynamoDB: how a restored store is compared with an earlier moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from strategy.contracts.contract import Contract, or_null


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(Contract):
    """Of one table: when a row was made, and when it was last changed."""

    created: str
    changed: str


Changes = Mapping[str, Columns]
"""By `database.table`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDates(Contract):
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDates(Contract):
    """None: no attribute dates them."""

    written_at: str | None = or_null()


Dates = RowDates | ItemDates


def read_dates(text: str) -> Mapping[str, Dates]:
    """By store, from a function's environment."""
    found = json.loads(text)
    return {name: (RowDates if "changes" in each else ItemDates).from_json(each) for name, each in found.items()}

"""Each claim of the control map, and the record that proves it; or none. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from recovery.evidence.chain_check import Verdict
from recovery.evidence.records import Record, State
from recovery.report.quarter import Quarter
from strategy.catalogue import names
from strategy.catalogue.controls import CHAIN, Control


@dataclass(frozen=True, slots=True)
class Claim:
    """`record` is the newest there is of its kinds; `state` is `proved`, `failed`, `no evidence`, or `reported`:
    AWS evaluated it itself, and its report has to be read.
    """

    control: Control
    state: str
    record: Record | None
    chain: str = ""
    """Where the chain itself is the evidence: which, and how long it is."""

    @property
    def points_to(self) -> str:
        if self.record is not None:
            return f"{self.record.key} ({self.record.seal})"
        return self.chain or "no evidence"


def claims(
    controls: Iterable[Control], records: Iterable[Record], chains: Mapping[str, Verdict], quarter: Quarter, now: datetime
) -> list[Claim]:
    every = [each for each in records if each.at <= now]
    return [_claim(each, every, chains, quarter, now) for each in controls]


def _claim(control: Control, records: list[Record], chains: Mapping[str, Verdict], quarter: Quarter, now: datetime) -> Claim:
    if CHAIN in control.evidence:
        return _by_chain(control, chains)
    mine = [each for each in records if any(each.key.startswith(f"{folder}/") for folder in control.evidence)]
    end = min(quarter.end, now)
    mine = [each for each in mine if (each.at >= end - control.within if control.within else each.at in quarter)]
    newest = max(mine, key=lambda each: each.at, default=None)
    if newest is None:
        return Claim(control, "no evidence", None)
    if newest.folder == names.REPORTS:
        return Claim(control, "reported", newest)
    # What was not checked proves nothing, and is no failure either.
    state = {State.PASSED: "proved", State.FAILED: "failed", State.NOT_CHECKED: "no evidence"}[newest.state]
    return Claim(control, state, newest)


def _by_chain(control: Control, chains: Mapping[str, Verdict]) -> Claim:
    text = "; ".join(f"chain of {region}: {each.links} links" for region, each in chains.items() if each.links)
    if not text:
        return Claim(control, "no evidence", None)
    broken = any(each.findings for each in chains.values())
    return Claim(control, "failed" if broken else "proved", None, text)

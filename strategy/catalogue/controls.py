"""The control map: what the standards ask that a bank is held to, what is done for it here, and which records prove it.

`controls.toml` is text that people review: identifiers and titles are the standards' own, claims are ours.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from strategy.model.field_types import parse_duration

FILE = Path(__file__).with_name("controls.toml")
CHAIN = "chain"
"""As evidence: the chain of a region, whole."""


class WrongControl(ValueError):
    """An entry of the file is wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Control:
    framework: str
    id: str
    title: str
    claim: str
    evidence: tuple[str, ...]
    """Folders of the evidence bucket, or of one in it (`duties/job-review`), or `chain`: the newest record of any of them."""
    within: timedelta | None
    """How old the record may be; None: of the quarter that the report is about."""


def controls(path: Path = FILE) -> tuple[Control, ...]:
    """In the file's order. Raises WrongControl."""
    found = []
    for number, each in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["controls"], start=1):
        try:
            within = parse_duration(each["within"]) if "within" in each else None
            made = Control(each["framework"], each["id"], each["title"], each["claim"], tuple(each["evidence"]), within)
        except (KeyError, ValueError) as error:
            raise WrongControl(f"{path.name}, control {number}: {error}") from error
        if not made.evidence:
            raise WrongControl(f"{path.name}, control {number}: evidence is empty; name a folder or chain")
        found.append(made)
    return tuple(found)

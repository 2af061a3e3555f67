"""A first `environments/NAME.toml` for stores that exist: rules, promises and durations of a pattern, stores as they were found.

Written as text from the pattern's own text, so that its comments stay, and whole: the file extends no base. What AWS cannot
tell is marked `look:`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Self, TypeVar

from recovery.assess.holdings import Holdings, Instance
from recovery.aws import NotChecked
from recovery.errors import WrongInput
from recovery.pages import environment as pages
from strategy import Strategy
from strategy.checks.guards.schedules import database_windows
from strategy.model import toml_text
from strategy.model.loader import ENVIRONMENTS, document, files
from strategy.model.stores import MySqlStore, Objective, Store, StoreKind

T = TypeVar("T")

_TEMPLATE = Path(__file__).parent / "templates" / "environment.toml.j2"


class CannotStart(WrongInput):
    """No environment can be written from what was found; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """One region's network-to-be."""

    region: str
    cidr: str
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """What only a person or another question can say."""

    name: str
    emails: tuple[str, ...]
    places: tuple[Place, ...]
    has_recorder: bool
    has_trail: bool


def free_range(taken: list[str], avoid: list[str]) -> str:
    """The first 10.x.0.0/16 that meets none of `taken` (networks that are there) and `avoid`."""
    used = [IPv4Network(each, strict=False) for each in (*taken, *avoid)]
    for second in range(40, 256):
        candidate = IPv4Network(f"10.{second}.0.0/16")
        if not any(candidate.overlaps(each) for each in used):
            return str(candidate)
    raise CannotStart("no range of 10.40.0.0/16 to 10.255.0.0/16 is free: every one meets a VPC that is there")


def write(holdings: Holdings, pattern: Strategy, ready: Ready, today: date) -> str:
    """The file's text. Raises CannotStart where stores could not be looked at, or there are none."""
    instances, tables = _known(holdings.instances), _known(holdings.tables)
    if not instances and not tables:
        raise CannotStart(f"there is no RDS instance for MySQL and no table in {holdings.primary}: nothing to protect")
    section = _Sections.of(pattern.environment).section
    names = _names([*(each.name for each in instances), *(each.name for each in tables)])
    return pages.render(
        _TEMPLATE,
        holdings=holdings,
        ready=ready,
        prefix=f"banking-buddy-{ready.name}",
        rules=section("rules"),
        exclusions=section("exclusions", "accepted_breaches"),
        testing=section("restore_testing", "drills"),
        alerts=pattern.alerts,
        durations=section("durations"),
        instances=[(names[each.name], each, _window(each, pattern, today)) for each in instances],
        tables=[(names[each.name], each) for each in tables],
        mysql=_promised(pattern, StoreKind.MYSQL),
        dynamodb=_promised(pattern, StoreKind.DYNAMODB),
        versioned=pattern.buckets.old_versions_keep.days,
        promise=_promise,
        evidence_keep=pattern.audit.evidence_keep.days,
    )


def _known(found: tuple[T, ...] | NotChecked) -> tuple[T, ...]:
    if isinstance(found, NotChecked):
        raise CannotStart(f"stores could not be looked at: {found.because}")
    return found


@dataclass(frozen=True, slots=True)
class _Sections:
    """The pattern's tables, of its file and of its base."""

    values: dict[str, Any]
    texts: tuple[str, ...]
    """The base's first."""

    @classmethod
    def of(cls, environment: str) -> Self:
        texts = [path.read_text(encoding="utf-8") for path in files(ENVIRONMENTS / f"{environment}.toml")]
        return cls(document(environment).values, tuple(reversed(texts)))

    def section(self, *keys: str) -> str:
        """These tables as people wrote them, with their comments; anew, where one file changes what the other says of them."""
        values = {key: self.values[key] for key in keys if key in self.values}
        written = "\n\n".join(part for text in self.texts for key in keys if (part := _written(text, key)))
        try:
            same = tomllib.loads(written) == values
        except tomllib.TOMLDecodeError:
            same = False
        return written if same else toml_text.text(values).strip()


def _written(text: str, key: str) -> str:
    """A key's tables, from the first head to the last, with the comments above them."""
    first = re.search(rf"(?:^#.*\n)*^\[\[?{key}[.\]]", text, re.MULTILINE)
    if not first:
        return ""
    rest = text[first.start() :]
    after = re.compile(rf"(?:^#.*\n)*^\[(?!\[?{key}[.\]])", re.MULTILINE).search(rest, first.end() - first.start())
    return rest[: after.start() if after else len(rest)].strip()


def _promised(pattern: Strategy, kind: StoreKind) -> Store:
    found = next((store for store in pattern.stores if store.kind is kind), None)
    if found is None:
        raise CannotStart(f"the pattern {pattern.environment} promises nothing of {kind}: choose another with --env")
    return found


def _promise(objective: Objective) -> str:
    """As a strategy writes it."""
    rpo, rto = (f"{int(each.total_seconds()) // 60}m" for each in (objective.rpo, objective.rto))
    return f'{{ rpo = "{rpo}", rto = "{rto}" }}'


def _names(physical: list[str]) -> dict[str, str]:
    """Short names as a strategy has them; two that would be the same are told apart by a number."""
    found: dict[str, str] = {}
    for name in physical:
        short = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:28].strip("-") or "store"
        short = short if short[0].isalpha() else f"s-{short}"
        taken = set(found.values())
        found[name] = next(each for each in _numbered(short) if each not in taken)
    return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _window(found: Instance, pattern: Strategy, today: date) -> tuple[str, str]:
    """The instance's backup and maintenance window; where one meets a rule, the nearest half hour of the day that is clear."""
    clear = _clear(found, pattern, today)
    keep = clear(found.backup_window, found.maintenance_window)
    if keep:
        return found.backup_window, found.maintenance_window
    halves = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
    daily = [f"{each:%H:%M}-{halves[(index + 1) % len(halves)]:%H:%M}" for index, each in enumerate(halves)]
    for maintenance in (found.maintenance_window, *(f"sun:{each[:5]}-sun:{each[6:]}" for each in daily[:-1])):
        for backup in (found.backup_window, *daily):
            if clear(backup, maintenance):
                return backup, maintenance
    raise CannotStart(f"no half hour of the day is clear of the rules of {pattern.environment}: choose another --env")


def _clear(found: Instance, pattern: Strategy, today: date) -> Callable[[str, str], bool]:
    store = next(each for each in pattern.stores if isinstance(each, MySqlStore))

    def clear(backup: str, maintenance: str) -> bool:
        windows = {"backup_window": backup, "maintenance_window": maintenance}
        tried = store.model_copy(update=windows | {"size": found.allocated_gb * 10**9, "growth_per_month": 0})
        return not any(True for _ in database_windows(pattern.model_copy(update={"stores": (tried,)}), today))

    return clear

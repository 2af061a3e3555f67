"""An environment's file and the base that it extends, as one document that still knows which of them says what.

A file without `extends = "base.toml"` stands alone. With it, its values are laid over those of base.toml, beside it:

- a table is merged, key by key;
- a list of tables with names (rules, stores, invariants, services, exclusions) is merged, entry by entry: one of the same name is
  merged as a table, one of a new name comes after those of the base;
- anything else takes the place of what the base says; so does an empty list.

A base extends nothing, and nothing of it can be taken away singly: what one environment must be without does not belong there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

BASE = "base.toml"
EXTENDS = "extends"

Location = tuple[int | str, ...]
Table = dict[str, Any]


class StrategyError(Exception):
    """The strategy cannot be used; the message says what, where and what to do."""

    exit_code: ClassVar[int] = 2
    """A command line that ends with it was given the wrong input."""


@dataclass(frozen=True, slots=True)
class Document:
    """The values that make a strategy, not judged yet."""

    file: str
    """The environment's own."""
    values: Table
    origins: dict[Location, tuple[str, ...]]
    """The file, or both files, of a value and of all in it that is not named itself."""
    overrides: dict[str, str] = field(default_factory=dict)
    """The regions that the caller gave, by role."""

    @classmethod
    def of(cls, file: str, own: Table, base: Table | None, overrides: dict[str, str]) -> Document:
        origins: dict[Location, tuple[str, ...]] = {(): (file,)}
        values = own if base is None else _Merge(file, origins).tables(base, own, ())
        regions = values.setdefault("regions", {})
        if isinstance(regions, dict):
            regions.update(overrides)
        return cls(file, values, origins, overrides)

    def files(self, location: Location) -> tuple[str, ...]:
        """Whose value it is: of both files, where it is a table or a list of entries that both have a part of."""
        prefixes = (location[:end] for end in range(len(location), 0, -1))
        return next((self.origins[each] for each in prefixes if each in self.origins), self.origins[()])


@dataclass(frozen=True, slots=True)
class _Merge:
    file: str
    origins: dict[Location, tuple[str, ...]]

    def tables(self, base: Table, own: Table, at: Location) -> Table:
        self.origins[at] = (self.file, BASE)
        merged = {key: self._over(key, base, own, (*at, key)) for key in base}
        return merged | {key: self._from(own[key], self.file, (*at, key)) for key in own if key not in base}

    def _over(self, key: str, base: Table, own: Table, at: Location) -> Any:
        if key not in own:
            return self._from(base[key], BASE, at)
        if isinstance(base[key], dict) and isinstance(own[key], dict):
            return self.tables(base[key], own[key], at)
        if _named(base[key]) and _tables(own[key]):
            return self._entries(base[key], own[key], at)
        return self._from(own[key], self.file, at)

    def _entries(self, base: list[Table], own: list[Table], at: Location) -> list[Table]:
        self.origins[at] = (self.file, BASE)
        before, after = _by_name(base, BASE, at), _by_name(own, self.file, at)
        merged = []
        for number, name in enumerate(before | after):
            place = (*at, number)
            if name in before and name in after:
                merged.append(self.tables(before[name], after[name], place))
            else:
                file = BASE if name in before else self.file
                merged.append(self._from((before | after)[name], file, place))
        return merged

    def _from(self, value: Any, file: str, at: Location) -> Any:
        self.origins[at] = (file,)
        return value


def _tables(value: Any) -> bool:
    """An empty list is none: it takes the place of whatever is there."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _named(value: Any) -> bool:
    return _tables(value) and all(isinstance(each.get("name"), str) for each in value)


def _by_name(entries: list[Table], file: str, at: Location) -> dict[str, Table]:
    key = ".".join(str(step) for step in at if isinstance(step, str))
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry.get("name"), str):
            raise StrategyError(
                f"{file}: {key}[{number}].name: missing; add it: the entry of {BASE} of that name is meant, or a new one"
            )
    names = Counter(entry["name"] for entry in entries)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise StrategyError(f"{file}: {key}: the name {twice[0]!r} is used twice; each needs its own")
    return {entry["name"]: entry for entry in entries}

"""A point-in-time copy compared with the newest manifest before it: equal, explained by what changed since, or failed.

A chunk is *equal* when its rows that are old by their dates are exactly the manifest's. It is *explained* when rows of it were
changed since and it has as many others as the manifest leaves for them: those others are counted and no longer compared, which is
said. Anything else is damage, or another moment; also a row deleted since, which nothing records. What bears no dates can be
equal, but never explained: it is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recovery.moments import moment_text
from recovery.verify.compare import as_in_the_manifest, differences, level, parts
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.gap import Dated, Gap, Tally
from recovery.verify.result import Finding, Level, Verdict

_NEW = "is not in the manifest: nothing to compare it with"
_UNDATED = "and no usable column says when a row of it was changed"


def explain(expected: Content, live: Content, dated: Mapping[str, Dated], gap: Gap) -> tuple[Level, ...]:
    """Levels schema, counts, content and moment."""
    newest = max((dates.newest for dates in dated.values() if dates.newest), default=None)
    held: tuple[Level, ...] = _counts(expected, live, dated), _content(expected, live, dated, gap)
    if gap.taken > gap.moment and not (newest and newest > gap.edges[-1]):
        held = tuple(_perhaps_older(each, live, gap) for each in held)
    return schema(expected, live), *held, _moment_level(live, dated, newest, gap)


def _perhaps_older(found: Level, live: Content, gap: Gap) -> Level:
    """A copy that may be older than its manifest: equal is equal, but what was written in between cannot be told from damage."""
    if found.verdict is not Verdict.FAILED or not live.rows:
        return found
    late = (gap.taken - gap.moment).total_seconds()
    return Level(
        found.name, Verdict.NOT_CHECKED, f"the manifest was taken {late:.0f} s after the moment, and differs: {found.detail}"
    )


def schema(expected: Content, live: Content) -> Level:
    """As exact as ever; only a table that is new since cannot be compared."""
    if not expected.schema:
        return Level("schema", Verdict.NOT_CHECKED, "the manifest describes no schema")
    known, new = _without_new_tables(expected.schema, live.schema) if live.kind == "mysql" else (live.schema, [])
    return level("schema", differences("", expected.schema, known), as_in_the_manifest(expected), unchecked=new)


def _without_new_tables(expected: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Finding]]:
    known, new = dict[str, Any](), list[Finding]()
    for database, description in live.items():
        if database not in expected:
            new.append(Finding(database, _NEW))
            continue
        tables, checks = (expected[database][what].keys() for what in ("tables", "checks"))
        added = [name for name in description["tables"] if name not in tables]
        new.extend(Finding(f"{database}/tables/{name}", _NEW) for name in added)
        known[database] = description | {"tables": {name: t for name, t in description["tables"].items() if name in tables}}
        if added:  # checks are known by database only; one that was added to an older table shows in its definition
            known[database]["checks"] = {name: check for name, check in description["checks"].items() if name in checks}
    return known, new


def _counts(expected: Content, live: Content, dated: Mapping[str, Dated]) -> Level:
    if not expected.rows:
        return Level("counts", Verdict.NOT_CHECKED, "the manifest is of an empty store: nothing to compare with")
    wrong, unchecked = list[Finding](), list[Finding]()
    if not live.rows:
        wrong.append(Finding("store", f"is empty; the manifest has {expected.rows} rows"))
    for name, wanted, found in parts(expected, live):
        if wanted is None or found is None:
            (unchecked if found else wrong).append(Finding(name, _NEW if found else "is missing"))
        elif (dates := dated.get(name)) is None:
            if wanted.rows != found.rows:
                unchecked.append(Finding(name, f"rows: {wanted.rows} in the manifest, {found.rows} here, {_UNDATED}"))
        else:
            wrong.extend(_miscounted(name, wanted, dates))
    agreed = f"{live.rows} rows in {len(live.parts)} parts; of the manifest's {expected.rows} none is missing"
    return level("counts", wrong, agreed, unchecked=unchecked)


def _miscounted(name: str, wanted: Part, dates: Dated) -> Iterator[Finding]:
    """Chunk by chunk, so that what is new in one does not make up for what is missing in another."""
    pairs = list(zip(wanted.chunks, dates.tallies, strict=False))  # cut another way: the content level fails
    if missing := sum(max(0, chunk.rows - tally.most) for chunk, tally in pairs):
        yield Finding(name, f"at least {missing} of the manifest's {wanted.rows} rows are missing")
    if added := sum(max(0, tally.fewest - chunk.rows) for chunk, tally in pairs):
        yield Finding(name, f"at least {added} rows are dated before the manifest and were not in it")


@dataclass(slots=True)
class _Outcome:
    """Of all chunks; `changed` rows explain what is not equal, and `counted` others in the same chunks are not compared."""

    equal: int = 0
    explained: int = 0
    changed: int = 0
    counted: int = 0
    differing: dict[str, list[int]] = field(default_factory=dict)

    @property
    def unexplained(self) -> int:
        return sum(map(len, self.differing.values()))


def _content(expected: Content, live: Content, dated: Mapping[str, Dated], gap: Gap) -> Level:
    if not expected.rows:
        return Level("content", Verdict.NOT_CHECKED, "the manifest is of an empty store: nothing to compare with")
    if expected.mode != live.mode:
        return Level("content", Verdict.NOT_CHECKED, f"the manifest's hashes are {expected.mode}, these are {live.mode}")
    wrong, unchecked, outcome = list[Finding](), list[Finding](), _Outcome()
    for name, wanted, found in parts(expected, live):
        if wanted is None or found is None:
            (unchecked if found else wrong).append(Finding(name, _NEW if found else "is missing"))
        elif len(wanted.chunks) != len(found.chunks):
            wrong.append(Finding(name, f"was measured in {len(found.chunks)} chunks, the manifest has {len(wanted.chunks)}"))
        else:
            dates = dated.get(name)
            _hold(name, wanted, _tallies(found, dates), outcome)
            if differing := outcome.differing.get(name):
                shown = ", ".join(map(str, differing[:8])) + (", …" if len(differing) > 8 else "")
                why = "and no recorded change explains it" if dates else _UNDATED
                finding = Finding(name, f"{len(differing)} of {len(wanted.chunks)} chunks differ ({shown}), {why}")
                (wrong if dates else unchecked).append(finding)
    chunks = outcome.equal + outcome.explained + outcome.unexplained
    said = f"{outcome.equal} of {chunks} chunks equal to the manifest of {moment_text(gap.taken)}"
    if outcome.explained:
        said += f", {outcome.explained} explained by {outcome.changed} rows recorded as changed since"
        said += f" (their {outcome.counted} other rows counted, not compared)"
    return level("content", wrong, f"{said}, {outcome.unexplained} unexplained", unchecked=unchecked, always=True)


def _tallies(found: Part, dates: Dated | None) -> tuple[Tally, ...]:
    """Without dates every row is held to the manifest."""
    return dates.tallies if dates else tuple(Tally().holding(chunk) for chunk in found.chunks)


def _hold(name: str, wanted: Part, tallies: tuple[Tally, ...], outcome: _Outcome) -> None:
    for number, (chunk, tally) in enumerate(zip(wanted.chunks, tallies, strict=True)):
        changed = tally.certain + tally.possible
        if _equal(chunk, tally):
            outcome.equal += 1
        elif changed and tally.fewest <= chunk.rows <= tally.most:
            outcome.explained += 1
            outcome.changed += changed
            outcome.counted += max(0, chunk.rows - changed)
        else:
            outcome.differing.setdefault(name, []).append(number)


def _equal(chunk: Chunk, tally: Tally) -> bool:
    return tally.fewest <= chunk.rows <= tally.most and chunk in tally.exact


def _moment_level(live: Content, dated: Mapping[str, Dated], newest: datetime | None, gap: Gap) -> Level:
    """A copy of an earlier moment cannot be convicted by its dates, if the manifest's rows are there: how far, is said."""
    late = [
        Finding(
            name, f"{dates.late} rows are dated after {moment_text(gap.end)}: this is not the data of {moment_text(gap.moment)}"
        )
        for name, dates in sorted(dated.items())
        if dates.late
    ]
    if newest is None:
        reason = "no row bears a date" if live.rows else "there are no rows"
        return Level("moment", Verdict.NOT_CHECKED, f"{reason}: nothing tells the moment of this data")
    before = (gap.moment - newest).total_seconds()
    distance = f"{before:.0f} s before" if before >= 0 else f"{-before:.0f} s after"
    return level(
        "moment", late, f"newest record {moment_text(newest)}, {distance} the moment {moment_text(gap.moment)}; none too late"
    )

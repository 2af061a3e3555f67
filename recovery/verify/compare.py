"""A live measurement compared with a manifest's: three levels, exact, and no pass over an empty store.

The levels do not hide each other: a missing table fails schema, counts and content, each with its own finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.verify.content import Content, Part
from recovery.verify.result import Finding, Level, Verdict


def compare(expected: Content, live: Content) -> tuple[Level, Level, Level]:
    """Levels schema, counts and content. The tolerance is none: the manifest is of the moment that was restored."""
    return _schema(expected, live), _counts(expected, live), _content(expected, live)


def _schema(expected: Content, live: Content) -> Level:
    if not expected.schema:
        return Level("schema", Verdict.NOT_CHECKED, "the manifest describes no schema")
    return level("schema", differences("", expected.schema, live.schema), as_in_the_manifest(expected))


def as_in_the_manifest(expected: Content) -> str:
    """With what was left out of it, and so of the comparison: items that DynamoDB may delete at any time."""
    if not (left := expected.schema.get("expiring")):
        return "as in the manifest"
    until = datetime.fromtimestamp(left["before"], UTC).date()
    return f"as in the manifest; items that expire by {left['attribute']} before {until} are not compared"


def _counts(expected: Content, live: Content) -> Level:
    if not expected.rows:
        return Level("counts", Verdict.NOT_CHECKED, "the manifest is of an empty store: nothing to compare with")
    findings = [Finding("store", f"is empty; the manifest has {expected.rows} rows")] if not live.rows else []
    for name, wanted, found in parts(expected, live):
        if wanted is None or found is None or wanted.rows != found.rows:
            was, is_now = (part.rows if part else "none" for part in (wanted, found))
            findings.append(Finding(name, f"rows: {was} in the manifest, {is_now} here"))
    return level("counts", findings, f"{live.rows} rows in {len(live.parts)} parts, exactly as in the manifest")


def _content(expected: Content, live: Content) -> Level:
    if not expected.rows:
        return Level("content", Verdict.NOT_CHECKED, "the manifest is of an empty store: nothing to compare with")
    if expected.mode != live.mode:
        return Level("content", Verdict.NOT_CHECKED, f"the manifest's hashes are {expected.mode}, these are {live.mode}")
    findings = []
    for name, wanted, found in parts(expected, live):
        if wanted is None:
            findings.append(Finding(name, "is not in the manifest"))
        elif found is None:
            findings.append(Finding(name, "is missing"))
        elif len(wanted.chunks) != len(found.chunks):
            findings.append(Finding(name, f"was measured in {len(found.chunks)} chunks, the manifest has {len(wanted.chunks)}"))
        elif differing := [n for n, pair in enumerate(zip(wanted.chunks, found.chunks, strict=True)) if pair[0] != pair[1]]:
            shown = ", ".join(map(str, differing[:8])) + (", …" if len(differing) > 8 else "")
            findings.append(Finding(name, f"{len(differing)} of {len(wanted.chunks)} chunks differ ({shown})"))
    chunks = sum(len(part.chunks) for part in live.parts.values())
    return level("content", findings, f"{chunks} chunk checksums over {live.rows} rows: each equal to the manifest")


def parts(expected: Content, live: Content) -> Iterator[tuple[str, Part | None, Part | None]]:
    """Every part by name: as expected, and as found."""
    for name in sorted(expected.parts.keys() | live.parts.keys()):
        yield name, expected.parts.get(name), live.parts.get(name)


def level(name: str, wrong: Iterable[Finding], agreed: str, *, unchecked: Iterable[Finding] = (), always: bool = False) -> Level:
    """One wrong thing fails it; one that was not compared leaves it unchecked. `agreed` is said when all is well, or always."""
    wrong, unchecked = tuple(wrong), tuple(unchecked)
    findings = wrong + unchecked
    if not findings:
        return Level(name, Verdict.PASSED, agreed)
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    detail = f"{findings[0]}{more}" + (f"; {agreed}" if always else "")
    return Level(name, Verdict.FAILED if wrong else Verdict.NOT_CHECKED, detail, findings)


def differences(path: str, expected: Any, live: Any) -> Iterator[Finding]:
    """Nested mappings are walked, everything else is compared whole."""
    if not (isinstance(expected, Mapping) and isinstance(live, Mapping)):
        if expected != live:
            yield Finding(path, f"{expected!r} in the manifest, {live!r} here")
        return
    for key in sorted(expected.keys() | live.keys()):
        where = f"{path}/{key}" if path else str(key)
        if key not in live:
            yield Finding(where, "is missing")
        elif key not in expected:
            yield Finding(where, "is not in the manifest")
        else:
            yield from differences(where, expected[key], live[key])

"""The report's tables as CSV, for those who reckon on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from recovery.report.report import Audit

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def tables(audit: Audit) -> Mapping[str, str]:
    """By name: promises, controls, records, jobs."""
    found = audit.as_json()
    flat = [{key: value for key, value in each.items() if key != "trend"} for each in found["promises"]]
    return {
        "promises": _csv(flat),
        "controls": _csv(found["controls"]),
        "records": _csv(found["records"]),
        "jobs": _csv(found["jobs"]),
    }


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """A text that a spreadsheet would take for a formula is marked as text. No rows are a word that says so."""
    every = list(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(every[0] if every else ["no rows"])
    for row in every:
        writer.writerow([_safe(value) for value in row.values()])
    return out.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value

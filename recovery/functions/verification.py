"""What both verifying handlers do around their measurement: read the manifest, compare, keep the report, answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from recovery import evidence
from recovery.verify import manifest
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.manifest import Manifest, ManifestError
from recovery.verify.mysql import MeasurementError
from recovery.verify.result import Report, unchecked

Measure = Callable[[Content], Content]
"""Measures the live store, cut into chunks as the given content is."""


def verify(*, store: str, kind: str, bucket: str, manifest_key: str | None, measure: Measure, unit: str) -> dict[str, Any]:
    """Compares a live store with its manifest and writes the report. `unit` names the count in the answer: rows or items.

    An error that is not foreseen here leaves as an error: no verdict is stamped by a crash.
    """
    s3 = boto3.client("s3")
    report = _report(s3, store=store, kind=kind, bucket=bucket, manifest_key=manifest_key, measure=measure)
    key = evidence.report_key(store, report.checked_at)
    evidence.write_report(s3, bucket, key, report.as_json())
    return {
        "store": store,
        "verdict": str(report.verdict),
        "summary": report.summary,
        unit: report.counted,
        "report_key": key,
        "levels": [level.as_json() for level in report.levels],
    }


def _report(s3: Any, *, store: str, kind: str, bucket: str, manifest_key: str | None, measure: Measure) -> Report:
    now = datetime.now(UTC)
    if not manifest_key:
        return unchecked(store, "no manifest near the recovery point's moment", checked_at=now, manifest_key=None)
    try:
        expected = _manifest(s3, bucket, manifest_key, store, kind).content
        live = measure(expected)
    except (ManifestError, MeasurementError) as error:
        return unchecked(store, str(error), checked_at=now, manifest_key=manifest_key)
    return Report(store, now, manifest_key, live.rows, compare(expected, live))


def _manifest(s3: Any, bucket: str, key: str, store: str, kind: str) -> Manifest:
    try:
        body = evidence.read(s3, bucket, key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchBucket"}:
            raise
        raise ManifestError(f"there is no manifest {key} in {bucket}") from error
    return manifest.parse(body, store=store, kind=kind)

"""The evidence bucket: manifests and verification reports, named by store and moment so that a listing is a timeline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EARLIEST = timedelta(minutes=60)
"""How much older than its recovery point a manifest may be: the start window of the backup rules."""
LATEST = timedelta(minutes=5)
"""How much younger: backup and manifest are started by the same schedule, and a function may take a moment to begin. A manifest
of the wrong moment cannot make a verification pass, since the comparison is exact; it can only make it fail."""
DAYS_BACK = 40
"""How long before a moment its newest manifest may be: beyond any point-in-time window (35 days)."""
_MOMENT = "%Y%m%dT%H%M%SZ"
_EXACT_MOMENT = "%Y%m%dT%H%M%S.%fZ"


def manifest_key(store: str, moment: datetime) -> str:
    return f"manifests/{store}/{moment.astimezone(UTC).strftime(_MOMENT)}.json"


def signature_key(manifest: str) -> str:
    """Beside the manifest: whoever may list the one sees the other."""
    return f"{manifest.removesuffix('.json')}.signature.json"


def report_key(store: str, moment: datetime) -> str:
    """To the microsecond: two verifications in one second must not overwrite each other."""
    return f"verifications/{store}/{moment.astimezone(UTC).strftime(_EXACT_MOMENT)}.json"


def measurement_key(store: str, run: str, number: int) -> str:
    """One piece of a store that is measured piece by piece; `run` tells one measurement of it from all others."""
    return f"measurements/{store}/{run}/{number:03}.json"


def preflight_key(moment: datetime) -> str:
    return f"preflights/{moment.astimezone(UTC).strftime(_MOMENT)}.json"


def duty_key(duty: str, moment: datetime, region: str) -> str:
    """With the region: both do it by the same clock, and each replicates its records to the other."""
    return f"duties/{duty}/{moment.astimezone(UTC).strftime(_MOMENT)}-{region}.json"


def restore_test_key(store: str, moment: datetime, region: str) -> str:
    """With the region, as above."""
    return f"restore-tests/{store}/{moment.astimezone(UTC).strftime(_MOMENT)}-{region}.json"


def drill_key(folder: str, name: str, moment: datetime, plan_id: str) -> str:
    """`drills/<route>/…` or `integrity/<store>/…`. The plan's id, because drills of two stores or regions start in one second."""
    return f"{folder}/{name}/{moment.astimezone(UTC).strftime(_MOMENT)}-{plan_id}.json"


def manifest_moment(key: str) -> datetime:
    """The whole second in which a manifest was taken. ValueError for what is no manifest's key."""
    moment = _moment_in(key)
    if moment is None:
        raise ValueError(f"{key} is no key of a manifest")
    return moment


def nearest_manifest(s3: S3Client, bucket: str, store: str, moment: datetime, *, unsigned: bool = True) -> str | None:
    """The key of the manifest nearest to `moment`, from EARLIEST before it to LATEST after it; None when there is none.

    One that is signed is preferred to any that is not yet; without `unsigned` no other is taken.
    """
    # Keys sort by time, and StartAfter excludes: one second earlier, so that a manifest exactly that old is included.
    start = manifest_key(store, moment - EARLIEST - timedelta(seconds=1))
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"manifests/{store}/", StartAfter=start)
    keys = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    taken = {key: when for key in keys if (when := _moment_in(key)) is not None and moment - EARLIEST <= when <= moment + LATEST}
    chosen = {key: abs(when - moment) for key, when in _signed(taken, keys, unsigned=unsigned).items()}
    return min(chosen, key=chosen.__getitem__, default=None)


def newest_manifest(s3: S3Client, bucket: str, store: str, moment: datetime) -> str | None:
    """The key of the newest signed manifest that was certainly taken by `moment`; the newest at all where none in DAYS_BACK is
    signed; None when there is none.

    A key names a whole second, and the manifest was taken somewhere in it: that second must be over. One listing per day, from
    the moment backwards: the newest is usually hours old, the oldest years.
    """
    last, not_signed = moment - timedelta(seconds=1), dict[str, datetime]()
    for days in range(DAYS_BACK + 1):
        day = (last - timedelta(days=days)).astimezone(UTC)
        prefix = f"manifests/{store}/{day:%Y%m%d}T"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
        taken = {key: when for key in keys if (when := _moment_in(key)) is not None and when <= last}
        if signed := _signed(taken, keys, unsigned=False):
            return max(signed, key=signed.__getitem__)
        not_signed |= taken
    return max(not_signed, key=not_signed.__getitem__, default=None)


def _signed(taken: dict[str, datetime], keys: set[str], *, unsigned: bool) -> dict[str, datetime]:
    """Those that have a signature, of whatever worth; with `unsigned` all, where none has."""
    signed = {key: when for key, when in taken.items() if signature_key(key) in keys}
    return signed or (taken if unsigned else {})


def read(s3: S3Client, bucket: str, key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write_manifest(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def write_measurement(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def write_report(s3: S3Client, bucket: str, key: str, report: Mapping[str, Any]) -> None:
    body = json.dumps(report, indent=2, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def _moment_in(key: str) -> datetime | None:
    """The time in a manifest's key; None for an object that is not named like one."""
    try:
        return datetime.strptime(key.rsplit("/", 1)[-1], f"{_MOMENT}.json").replace(tzinfo=UTC)
    except ValueError:
        return None

"""Asking the region that came back: where its old stores are, and its function to count what they took too late."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.aws import AwsTrouble, Region
from recovery.errors import NotKept
from recovery.late_writes.record import key
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.late_writes import LATE_WRITES, LateWritesRequest, OldStore

_PAUSE, _LONGEST = 1.0, 15 * 60.0
"""Seconds: between two looks for the record, and as long as a function may run."""
_NOT_THERE = frozenset({"NoSuchKey", "404"})


class NothingRecovered(NotKept):
    """The plan has brought nothing back, so that nothing can be later; the message says what to do."""


def asked(strategy: Strategy, old: Region, record: Mapping[str, Any], *, by: str) -> LateWritesRequest:
    """Of each store that the recovery brought back, the old one here, and the moment that came back."""
    back = [each for each in record.get("stores") or [] if each.get("recovered")]
    if not back:
        raise NothingRecovered("the newest attempt of this plan has brought no store back: follow or resume it first")
    ssm = old.client("ssm")
    stores = []
    for each in back:
        found = ssm.get_parameter(Name=names.endpoint(strategy.prefix, each["store"]))
        place = json.loads(found["Parameter"]["Value"])
        stores.append(
            OldStore(
                store=each["store"],
                since=each["data_of"],
                resource=place["resource"],
                host=place.get("host", ""),
                port=place.get("port", ""),
            )
        )
    return LateWritesRequest(plan_id=record["plan_id"], by=by, stores=tuple(stores))


def count(
    strategy: Strategy, old: Region, request: LateWritesRequest, *, now: datetime, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """The record. The function may run for minutes: it is started, and its record is looked for in the evidence bucket."""
    s3, bucket, name = (
        old.client("s3"),
        names.evidence_bucket(strategy.prefix, old.name, strategy.account),
        key(request.plan_id),
    )
    old.client("lambda").invoke(
        FunctionName=names.function(strategy.prefix, LATE_WRITES),
        InvocationType="Event",
        Payload=json.dumps(request.to_json()).encode(),
    )
    waited = 0.0
    while waited < _LONGEST:
        found = _read(s3, bucket, name)
        if found is not None and datetime.fromisoformat(found["at"]) >= now.replace(microsecond=0):
            return found
        sleep(_PAUSE)
        waited += _PAUSE
    function = names.log_group("lambda", names.function(strategy.prefix, LATE_WRITES))
    raise AwsTrouble(
        f"no record s3://{bucket}/{name} after {_LONGEST / 60:.0f} minutes: look at the log {function} in {old.name}"
    )


def _read(s3: Any, bucket: str, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=name)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_THERE:
            return None
        raise
    return found

"""Tables under a key of the customer's: inaccessible while the key cannot be used, archived when that lasts a week.

API_SSEDescription, `InaccessibleEncryptionDateTime`: when DynamoDB detected it, cleared when the key is back; archival begins
after seven days. API_TableDescription: `INACCESSIBLE_ENCRYPTION_CREDENTIALS`, `ARCHIVED`. That requests get AccessDeniedException
is from AWS's knowledge center ("AccessDeniedException … DynamoDB table"); the message is not documented.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import Key

from aws_rehearsal import keys
from aws_rehearsal.clock import Clock

REASON = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
_ARCHIVED_AFTER = timedelta(days=7)
_SINCE, _ARCHIVED = "_inaccessible_since", "_archived_at"


def key_changed(key: Key, clock: Clock) -> None:
    """A key became usable or unusable: note it at each table that it encrypts."""
    for table in dynamodb_backends[key.account_id][key.region].tables.values():
        found = keys.find(_key_of(table), key.account_id, key.region)
        if found is None or found.id != key.id:
            continue
        if key.key_state in keys.USABLE:
            table.__dict__.pop(_SINCE, None)
        elif _SINCE not in table.__dict__:
            since = table.__dict__[_SINCE] = clock.now()
            clock.call_at(since + _ARCHIVED_AFTER, _archiving(table, since, clock), leap=False)


def _archiving(table: Any, since: datetime, clock: Clock) -> Any:
    def archive() -> None:
        if table.__dict__.get(_SINCE) == since:
            table.__dict__[_ARCHIVED] = clock.now()

    return archive


def lose(table: Any, clock: Clock) -> None:
    """As if its key were lost, whatever the key is."""
    table.__dict__[_SINCE] = clock.now()


def archive(table: Any, clock: Clock) -> None:
    table.__dict__[_ARCHIVED] = clock.now()


def find_again(table: Any) -> None:
    """Neither lost nor archived any more."""
    for mark in (_SINCE, _ARCHIVED):
        table.__dict__.pop(mark, None)


def describe(table: Any) -> dict[str, Any]:
    """What a table's description says instead while its key is lost; nothing else."""
    if archived := table.__dict__.get(_ARCHIVED):
        summary = {"ArchivalDateTime": archived.timestamp(), "ArchivalReason": REASON}
        return {"TableStatus": "ARCHIVED", "ArchivalSummary": summary}
    since = table.__dict__.get(_SINCE)
    if since is None:
        return {}
    sse = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": _key_of(table)}
    return {"TableStatus": REASON, "SSEDescription": sse | {"InaccessibleEncryptionDateTime": since.timestamp()}}


def refusal(tables: Iterable[Any]) -> tuple[str, str] | None:
    """(error, why) when items cannot be read or written."""
    for table in tables:
        if _ARCHIVED in table.__dict__:
            return "com.amazonaws.dynamodb.v20120810#ResourceInUseException", f"Table is archived: {table.name}"
        if _SINCE in table.__dict__:
            said = f"KMS key access denied error: the key {_key_of(table)} of table {table.name} cannot be used"
            return "com.amazon.coral.service#AccessDeniedException", said
    return None


def check(specification: dict[str, Any] | None, account: str, region: str) -> None:
    """ValidationException when a table is to be encrypted under a key that cannot be used."""
    if specification and (found := keys.unusable(specification.get("KMSMasterKeyId"), account, region)):
        raise MockValidationException(f"One or more parameter values were invalid: KMS validation error: {found.said}")


def _key_of(table: Any) -> str | None:
    sse = table.sse_specification
    return sse.get("KMSMasterKeyId") if sse and sse.get("Enabled") else None

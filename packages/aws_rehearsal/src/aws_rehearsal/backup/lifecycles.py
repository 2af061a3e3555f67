"""Retention as AWS accepts it."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.backup.records import LONGEST_RETENTION_DAYS
from aws_rehearsal.service import ServiceError

COLD_MINIMUM_DAYS = 90
CONTINUOUS_MAXIMUM_DAYS = 35
"""How far back a continuous backup reaches at most ("Continuous backups and point-in-time restore" of AWS Backup's guide)."""
_FOR_EVER = frozenset({("DeleteAfterDays", -1), ("MoveToColdStorageAfterDays", -1)})
KNOWN = frozenset({"DeleteAfterDays", "MoveToColdStorageAfterDays", "OptInToArchiveForSupportedResources"})


def checked_lifecycle(lifecycle: dict[str, Any] | None) -> dict[str, Any]:
    """The lifecycle, or a refusal: one day to 100 years; deletion at least 90 days after the move to cold storage.

    AWS writes a retention without end as no DeleteAfterDays, or as -1 (API_Lifecycle); here it is always absent.
    """
    lifecycle = {key: value for key, value in (lifecycle or {}).items() if (key, value) not in _FOR_EVER}
    if unknown := lifecycle.keys() - KNOWN:
        raise ServiceError("InvalidParameterValueException", f"the embedded AWS knows no lifecycle {sorted(unknown)}")
    delete, cold = lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays")
    if delete is not None and not 1 <= delete <= LONGEST_RETENTION_DAYS:
        raise ServiceError(
            "InvalidParameterValueException",
            f"DeleteAfterDays must be at least 1 and at most {LONGEST_RETENTION_DAYS}, not {delete}",
        )
    if delete is not None and cold is not None and delete < cold + COLD_MINIMUM_DAYS:
        raise ServiceError(
            "InvalidParameterValueException",
            f"DeleteAfterDays ({delete}) must be at least {COLD_MINIMUM_DAYS} days after MoveToColdStorageAfterDays ({cold})",
        )
    return lifecycle


def checked_continuous(rule: str, lifecycle: dict[str, Any]) -> None:
    """Refuses a continuous backup that is to be kept longer than it can be restored from, or in cold storage."""
    if "MoveToColdStorageAfterDays" in lifecycle:
        problem = "MoveToColdStorageAfterDays is unavailable"
    elif not 1 <= lifecycle.get("DeleteAfterDays", LONGEST_RETENTION_DAYS) <= CONTINUOUS_MAXIMUM_DAYS:
        problem = f"DeleteAfterDays of a continuous backup is 1 to {CONTINUOUS_MAXIMUM_DAYS}"
    else:
        return
    raise ServiceError("InvalidParameterValueException", f"Error in rule {rule} : Invalid lifecycle. {problem}")

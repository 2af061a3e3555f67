"""Retention as AWS accepts it."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.service import ServiceError

COLD_MINIMUM_DAYS = 90
KNOWN = frozenset({"DeleteAfterDays", "MoveToColdStorageAfterDays", "OptInToArchiveForSupportedResources"})


def checked_lifecycle(lifecycle: dict[str, Any] | None) -> dict[str, Any]:
    """The lifecycle, or a refusal: at least one day; deletion at least 90 days after the move to cold storage.

    AWS writes a retention without end as no DeleteAfterDays, or as -1; here it is always absent.
    """
    lifecycle = {key: value for key, value in (lifecycle or {}).items() if (key, value) != ("DeleteAfterDays", -1)}
    if unknown := lifecycle.keys() - KNOWN:
        raise ServiceError("InvalidParameterValueException", f"the embedded AWS knows no lifecycle {sorted(unknown)}")
    delete, cold = lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays")
    if delete is not None and delete < 1:
        raise ServiceError("InvalidParameterValueException", f"DeleteAfterDays must be at least 1, not {delete}")
    if delete is not None and cold is not None and delete < cold + COLD_MINIMUM_DAYS:
        raise ServiceError(
            "InvalidParameterValueException",
            f"DeleteAfterDays ({delete}) must be at least {COLD_MINIMUM_DAYS} days after MoveToColdStorageAfterDays ({cold})",
        )
    return lifecycle

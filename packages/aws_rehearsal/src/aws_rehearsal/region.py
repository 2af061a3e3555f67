"""Losing a region, for everything moto holds: its state is dropped, so that no bug can answer from a dead region.

The gateway already refuses calls signed for a lost region. This is the second lock: a state machine, a subscription or a copy
that reached into the region by another way finds nothing there. Global services (IAM, Route 53, STS) have no region and stay.
S3 keeps all buckets in one place; `aws_rehearsal.s3` drops those of the region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import BackendDict, backend_lock

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


def install(cloud: Cloud) -> None:
    cloud.region_lost.append(drop)


def drop(region: str) -> None:
    """Forget the region in every regional service of every account. What asks for it again finds an empty region."""
    with backend_lock:
        # Not public, but nothing public lists the backends that are in use; the region test fails if it goes away.
        for service in list(BackendDict._instances):  # noqa: SLF001
            for account in service.values():
                account.pop(region, None)

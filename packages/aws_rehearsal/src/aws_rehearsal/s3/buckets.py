"""Buckets and the region each lives in: moto holds all of them in one place, whatever region they were made in."""

from __future__ import annotations

import itertools
from typing import Any

from moto.s3.models import FakeKey, s3_backends


def find(name: str) -> Any:
    """The bucket of that name, in any account; None when there is none."""
    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    return s3_backends[account][partition].buckets.get(name)


def drop(region: str) -> None:
    """Forget the region's buckets with everything in them."""
    for name in list(s3_backends.bucket_accounts):
        bucket = find(name)
        if bucket is not None and bucket.region_name == region:
            _forget(bucket)


def _forget(bucket: Any) -> None:
    partition, account = s3_backends.bucket_accounts.pop(bucket.name)
    s3_backends[account][partition].buckets.pop(bucket.name, None)
    versions = itertools.chain.from_iterable(bucket.keys.getlist(name) for name in list(bucket.keys))
    for version in list(versions):
        if isinstance(version, FakeKey):  # delete markers hold no file
            version.dispose()
    for upload in bucket.multiparts.values():
        upload.dispose()

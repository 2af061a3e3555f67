"""Replication of new objects and delete markers to another bucket, usually in another region.

Asynchronous, as on AWS: a replica appears a modelled while after the write, with the version id of its original. While either
region is away it waits, and leaves when that region is back; what had not left a region that is lost for good is lost with it,
and so is what was on its way there. Not modelled: replication time control, replica
modification sync, ownership override, and permissions of the replication role.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeDeleteMarker, s3_backends

from aws_rehearsal.s3.buckets import find
from aws_rehearsal.s3.rules import Rule, deciding, rules_of

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

DELAY = timedelta(seconds=15)
"""Modelled: AWS replicates most objects within seconds, and promises nothing without replication time control."""


def check(configuration: dict[str, Any]) -> None:
    """Refuse a configuration whose destination is missing or keeps no versions, as AWS does."""
    rules = configuration["Rule"] if isinstance(configuration["Rule"], list) else [configuration["Rule"]]
    for rule in map(Rule, rules):
        destination = find(rule.bucket)
        if destination is None:
            raise S3ClientError("InvalidRequest", "Destination bucket must exist.")
        if not destination.is_versioned:
            raise S3ClientError("InvalidRequest", "Destination bucket must have versioning enabled.")


def schedule(cloud: Cloud, bucket: Any, version: Any) -> None:
    """Plan the replication of a new object or delete marker, if any rule of the bucket is meant for its name."""
    rules = [rule for rule in rules_of(bucket) if version.name.startswith(rule.prefix)]
    if not rules:
        return
    if not isinstance(version, FakeDeleteMarker):
        version.replication_status = "PENDING"
    # The rules are those of the moment of writing; tags follow the object within the same request, so they are read later.
    cloud.clock.call_after(DELAY, lambda: _replicate(cloud, bucket, version, rules))


def resume(cloud: Cloud, region: str) -> None:
    """It is back: what waited for it leaves now."""
    for bucket, version, rules in _waiting.pop(cloud, []):
        _replicate(cloud, bucket, version, rules, back=region)


_waiting: WeakKeyDictionary[Cloud, list[tuple[Any, Any, list[Rule]]]] = WeakKeyDictionary()


def _replicate(cloud: Cloud, bucket: Any, version: Any, rules: list[Rule], back: str = "") -> None:
    away = cloud.gateway.lost_regions - {back}
    regions = {bucket.region_name, *(there.region_name for each in rules if (there := find(each.bucket)) is not None)}
    if find(bucket.name) is not bucket:
        return
    if regions & away:
        _waiting.setdefault(cloud, []).append((bucket, version, rules))
        return
    if version not in bucket.keys.getlist(version.name, []):
        return  # this version was deleted for good in the meantime
    marker = isinstance(version, FakeDeleteMarker)
    tags = {} if marker else s3_backends[bucket.account_id][bucket.partition].tagger.get_tag_dict_for_resource(version.arn)
    statuses = []
    for rule in deciding(rules, version.name, tags):
        if (marker and not rule.delete_markers) or (not marker and version.encryption == "aws:kms" and not rule.kms_objects):
            continue
        destination = find(rule.bucket)
        if destination is None or not destination.is_versioned:
            statuses.append("FAILED")
            continue
        _store(destination, _marker_replica(version, destination) if marker else _replica(version, destination, rule))
        statuses.append("COMPLETED")
    if not marker:
        version.replication_status = "FAILED" if "FAILED" in statuses else next(iter(statuses), None)


def _replica(original: Any, destination: Any, rule: Rule) -> Any:
    """A copy with a file, metadata and tags of its own, under the destination's encryption."""
    replica = copy.copy(original)  # moto's copy has a buffer of its own
    replica._metadata = copy.copy(original._metadata)  # noqa: SLF001  its setter would drop headers
    replica.bucket_name = destination.name
    replica.multipart = None  # the parts belong to the original
    replica.replication_status = "REPLICA"
    if rule.storage_class:
        replica.set_storage_class(rule.storage_class)
    if rule.replica_key:
        replica.encryption, replica.kms_key_id = "aws:kms", rule.replica_key
    s3_backends[destination.account_id][destination.partition].tagger.copy_tags(original.arn, replica.arn)
    return replica


def _marker_replica(original: Any, destination: Any) -> Any:
    replica = copy.copy(original)
    replica.key = destination.keys.get(original.name, original.key)
    return replica


def _store(destination: Any, version: Any) -> None:
    destination.keys.setlist(version.name, [*destination.keys.getlist(version.name, []), version])

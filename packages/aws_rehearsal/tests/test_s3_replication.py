"""Buckets: replication really copies, never out of a dead region; a lost region takes its buckets; policies are recorded."""

from __future__ import annotations

import gc
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.s3.models import FakeKey

from aws_rehearsal import Cloud
from aws_rehearsal.s3 import replication

PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"
SOURCE, DESTINATION = "evidence-primary", "evidence-recovery"


@pytest.fixture(autouse=True)
def _buckets(cloud: Cloud) -> None:
    for bucket, region in ((SOURCE, PRIMARY), (DESTINATION, RECOVERY)):
        s3 = cloud.client("s3", region)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def here(cloud: Cloud) -> Any:
    return cloud.client("s3", PRIMARY)


@pytest.fixture
def there(cloud: Cloud) -> Any:
    return cloud.client("s3", RECOVERY)


def replicate(s3: Any, *, destination: dict[str, Any] | None = None, **rule: Any) -> None:
    rule = {
        "ID": "evidence",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        **rule,
        "Destination": {"Bucket": f"arn:aws:s3:::{DESTINATION}", **(destination or {})},
    }
    configuration = {"Role": "arn:aws:iam::123456789012:role/replication", "Rules": [rule]}
    s3.put_bucket_replication(Bucket=SOURCE, ReplicationConfiguration=configuration)


def settle(cloud: Cloud) -> None:
    cloud.clock.advance_to(cloud.clock.now() + replication.DELAY + timedelta(seconds=1))


def body(s3: Any, key: str, bucket: str = DESTINATION) -> bytes:
    content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def keys(s3: Any, bucket: str = DESTINATION) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


@pytest.mark.proves("compliance.evidence-copies")
def test_a_new_object_reaches_the_other_region_whole_and_later(cloud: Cloud, here: Any, there: Any) -> None:
    here.put_object(Bucket=SOURCE, Key="old", Body=b"before the rule")
    replicate(here)
    with cloud.gateway.working():  # a busy cloud does not leap
        put = here.put_object(Bucket=SOURCE, Key="new", Body=b"manifest", Metadata={"plan": "7"}, Tagging="kind=manifest")
        assert keys(there) == set()
        assert here.head_object(Bucket=SOURCE, Key="new")["ReplicationStatus"] == "PENDING"
    settle(cloud)
    assert keys(there) == {"new"}
    replica = there.head_object(Bucket=DESTINATION, Key="new")
    assert (replica["VersionId"], replica["Metadata"]) == (put["VersionId"], {"plan": "7"})
    assert replica["ReplicationStatus"] == "REPLICA"
    assert body(there, "new") == b"manifest"
    tags = there.get_object_tagging(Bucket=DESTINATION, Key="new")["TagSet"]
    assert tags == [{"Key": "kind", "Value": "manifest"}]
    assert here.head_object(Bucket=SOURCE, Key="new")["ReplicationStatus"] == "COMPLETED"


def test_a_multipart_upload_and_a_copy_are_replicated(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here)
    upload = here.create_multipart_upload(Bucket=SOURCE, Key="large")["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": here.upload_part(Bucket=SOURCE, Key="large", UploadId=upload, PartNumber=number, Body=part)["ETag"],
        }
        for number, part in ((1, b"x" * 5 * 2**20), (2, b"end"))
    ]
    here.complete_multipart_upload(Bucket=SOURCE, Key="large", UploadId=upload, MultipartUpload={"Parts": parts})
    here.copy_object(Bucket=SOURCE, Key="copied", CopySource={"Bucket": SOURCE, "Key": "large"})
    settle(cloud)
    assert body(there, "large") == body(there, "copied") == b"x" * 5 * 2**20 + b"end"


def test_only_what_the_filter_lets_through_is_replicated(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here, Filter={"And": {"Prefix": "manifests/", "Tags": [{"Key": "kind", "Value": "manifest"}]}})
    here.put_object(Bucket=SOURCE, Key="manifests/1", Body=b"1", Tagging="kind=manifest")
    here.put_object(Bucket=SOURCE, Key="manifests/2", Body=b"2", Tagging="kind=other")
    here.put_object(Bucket=SOURCE, Key="records/1", Body=b"1", Tagging="kind=manifest")
    settle(cloud)
    assert keys(there) == {"manifests/1"}


def test_a_disabled_rule_replicates_nothing(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here, Status="Disabled")
    here.put_object(Bucket=SOURCE, Key="new", Body=b"1")
    settle(cloud)
    assert keys(there) == set()
    assert "ReplicationStatus" not in here.head_object(Bucket=SOURCE, Key="new")


@pytest.mark.parametrize(("status", "left"), [("Enabled", set()), ("Disabled", {"new"})])
def test_delete_markers_follow_the_rule(cloud: Cloud, here: Any, there: Any, status: str, left: set[str]) -> None:
    replicate(here, DeleteMarkerReplication={"Status": status})
    here.put_object(Bucket=SOURCE, Key="new", Body=b"1")
    settle(cloud)
    here.delete_object(Bucket=SOURCE, Key="new")
    settle(cloud)
    assert keys(there) == left


def test_an_object_under_a_kms_key_stays_unless_the_rule_names_a_key_for_its_replica(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here)
    here.put_object(Bucket=SOURCE, Key="first", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId="here")
    replicate(
        here,
        destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": "there"}},
        SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    )
    here.put_object(Bucket=SOURCE, Key="second", Body=b"2", ServerSideEncryption="aws:kms", SSEKMSKeyId="here")
    settle(cloud)
    assert keys(there) == {"second"}
    assert there.head_object(Bucket=DESTINATION, Key="second")["SSEKMSKeyId"] == "there"


def test_nothing_leaves_a_region_after_it_is_lost(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here)
    here.put_object(Bucket=SOURCE, Key="early", Body=b"1")
    settle(cloud)
    with cloud.gateway.working():
        here.put_object(Bucket=SOURCE, Key="late", Body=b"2")
        cloud.lose_region(PRIMARY)
    settle(cloud)
    assert keys(there) == {"early"}
    with pytest.raises(ClientError, match="NoSuchBucket"):
        there.list_objects_v2(Bucket=SOURCE)
    assert not cloud.gateway.calls_after_loss


def test_a_lost_destination_makes_the_replication_fail_and_be_seen(cloud: Cloud, here: Any) -> None:
    replicate(here)
    cloud.lose_region(RECOVERY)
    here.put_object(Bucket=SOURCE, Key="new", Body=b"1")
    settle(cloud)
    assert here.head_object(Bucket=SOURCE, Key="new")["ReplicationStatus"] == "FAILED"


@pytest.mark.parametrize("away", [PRIMARY, RECOVERY])
def test_what_could_not_leave_waits_until_both_regions_are_there(cloud: Cloud, here: Any, there: Any, away: str) -> None:
    replicate(here)
    with cloud.gateway.working():
        here.put_object(Bucket=SOURCE, Key="late", Body=b"2")
        cloud.darken_region(away)
    settle(cloud)
    cloud.light_region(away)
    assert keys(there) == {"late"}
    assert here.head_object(Bucket=SOURCE, Key="late")["ReplicationStatus"] == "COMPLETED"


def test_what_arrived_by_replication_is_not_sent_back(cloud: Cloud, here: Any, there: Any) -> None:
    replicate(here)
    back = {"Bucket": f"arn:aws:s3:::{SOURCE}"}
    rule = {"ID": "back", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "Destination": back}
    rule["DeleteMarkerReplication"] = {"Status": "Disabled"}
    there.put_bucket_replication(Bucket=DESTINATION, ReplicationConfiguration={"Role": "arn:aws:iam::1:role/r", "Rules": [rule]})
    here.put_object(Bucket=SOURCE, Key="first", Body=b"1")
    there.put_object(Bucket=DESTINATION, Key="second", Body=b"2")
    settle(cloud)
    settle(cloud)
    for bucket, client in ((SOURCE, here), (DESTINATION, there)):
        versions = client.list_object_versions(Bucket=bucket)["Versions"]
        assert sorted(each["Key"] for each in versions) == ["first", "second"]


def test_a_destination_that_cannot_receive_is_refused(here: Any, there: Any) -> None:
    there.put_bucket_versioning(Bucket=DESTINATION, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(ClientError, match=r": Destination bucket must have versioning enabled"):
        replicate(here)
    with pytest.raises(ClientError, match=r": Destination bucket must exist"):
        replicate(here, destination={"Bucket": "arn:aws:s3:::nowhere"})


def test_the_configuration_is_answered_as_it_was_put(here: Any) -> None:
    replicate(here, Filter={"Prefix": "manifests/"}, DeleteMarkerReplication={"Status": "Enabled"})
    (rule,) = here.get_bucket_replication(Bucket=SOURCE)["ReplicationConfiguration"]["Rules"]
    assert (rule["Filter"], rule["Priority"]) == ({"Prefix": "manifests/"}, 1)
    assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
    assert rule["Destination"] == {"Bucket": f"arn:aws:s3:::{DESTINATION}"}


def test_a_bucket_policy_is_recorded_and_not_enforced(here: Any) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{SOURCE}", f"arn:aws:s3:::{SOURCE}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    here.put_bucket_policy(Bucket=SOURCE, Policy=json.dumps(policy))
    here.put_object(Bucket=SOURCE, Key="new", Body=b"1")
    assert body(here, "new", SOURCE) == b"1"
    assert json.loads(here.get_bucket_policy(Bucket=SOURCE)["Policy"]) == policy


def test_listing_the_versions_of_a_bucket_neither_copies_nor_keeps_its_bodies(here: Any) -> None:
    """A month of monitoring lists a bucket of evidence thousands of times."""
    for n in range(3):
        here.put_object(Bucket=SOURCE, Key="record", Body=f"version {n}".encode())
    before = _bodies()
    for _ in range(5):
        versions = here.list_object_versions(Bucket=SOURCE, Prefix="record")["Versions"]
        assert [(each["IsLatest"], each["Size"]) for each in versions] == [(True, 9), (False, 9), (False, 9)]
    assert _bodies() == before
    assert body(here, "record", SOURCE) == b"version 2"
    for each in versions:
        here.delete_object(Bucket=SOURCE, Key="record", VersionId=each["VersionId"])
    assert _bodies() == before - 3, "what is gone is forgotten"


def _bodies() -> int:
    gc.collect()
    return sum(isinstance(each, FakeKey) for each in gc.get_objects())

"""What is known and said when a recovery begins, and what is seen of the replicated buckets: from this region alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from recovery.region.assessment import assess
from recovery.region.buckets import check
from strategy.catalogue import names
from tests.recovery.fake_night import DEV, NOW, OPERATOR
from tests.recovery.region_night import HERE, LOST, copy, region_plan

BUCKET = names.evidence_bucket(DEV.prefix, HERE, DEV.account)


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=HERE)


@pytest.fixture
def bucket() -> Iterator[str]:
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HERE})
        yield BUCKET


@pytest.mark.proves("region-loss.notification")
@pytest.mark.usefixtures("bucket")
def test_the_stakeholders_are_told_what_is_lost_how_long_it_takes_and_who_is_asked() -> None:
    plan = region_plan(copy(1, timedelta(hours=3)), copy(2, timedelta(hours=15)))
    found = assess(plan, client, now=NOW).to_json()
    assert [(each["lost_seconds"], each["others"]) for each in found["sources"]] == [(3 * 3600, 1)]
    said = found["message"]
    assert f"{LOST} was lost at" in said
    assert "the last 3.0 h before the incident are lost" in said
    assert f"a person other than {OPERATOR}: python -m recovery approve {plan.plan_id}" in said
    assert "nobody's approval" in assess(region_plan(approvals=False), client, now=NOW).message


@pytest.mark.proves("region-loss.buckets")
def test_a_versioned_bucket_with_what_arrived_is_fine(bucket: str) -> None:
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client("s3").put_object(Bucket=bucket, Key="manifests/one.json", Body=b"{}")
    found = check(region_plan(buckets=(bucket,)), client).to_json()
    assert found == {
        "buckets": [{"bucket": bucket, "versioning": "Enabled", "objects": "1", "problem": ""}],
        "problems": [],
    }


@pytest.mark.proves("region-loss.buckets")
def test_a_bucket_that_is_gone_or_keeps_no_versions_is_said(bucket: str) -> None:
    found = check(region_plan(buckets=(bucket, "gone")), client).to_json()
    assert found["problems"] == [f"{bucket}: versioning is off", "gone: NoSuchBucket"]
    assert json.dumps(found)

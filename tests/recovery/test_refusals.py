"""What S3 says is absent is absent, and what it forbids is said; and who writes a plan's item names its own attributes alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from recovery.aws import AwsTrouble
from recovery.drills import exercise
from recovery.late_writes import ask_region
from recovery.region import restore_store
from recovery.region.approval import approve
from recovery.restore import execution, start_restore
from recovery.restore.plan_lock import claim
from recovery.verify.manifest import ManifestError
from recovery.verify.signature import trusted
from strategy.catalogue import plan_record
from strategy.catalogue.region_steps import Approval
from tests.recovery.fake_night import DEV, NOW, REGION
from tests.recovery.region_night import copy, region_plan

PLAN = replace(copy(1, timedelta(hours=1)), settings={"at_restore": {}})
FAILED = {"status": "FAILED", "name": f"{PLAN.plan_id}-1", "output": ""}


class Bucket:
    """S3 of a region: every object is refused with this code."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.name = REGION

    def client(self, _service: str) -> Bucket:
        return self

    def get_object(self, **_request: str) -> Any:
        raise ClientError({"Error": {"Code": self._code, "Message": self._code}}, "GetObject")


READERS: dict[str, Callable[[Bucket], Any]] = {
    "drill": lambda s3: exercise._record(PLAN, s3.client, FAILED)[1],
    "region": lambda s3: restore_store._record(PLAN, s3.client, 1, FAILED),
    "follow": lambda s3: execution._record(s3, PLAN, FAILED),  # type: ignore[arg-type]
    "late": lambda s3: ask_region._read(s3, "bucket", "recoveries/r1.json") or {},
}


@pytest.mark.parametrize("reader", READERS)
def test_a_record_that_is_absent_is_none(reader: str) -> None:
    assert READERS[reader](Bucket("NoSuchKey")) == {}


@pytest.mark.parametrize("reader", READERS)
def test_a_record_that_may_not_be_read_is_not_taken_for_absent(reader: str) -> None:
    with pytest.raises((ClientError, AwsTrouble), match="AccessDenied"):
        READERS[reader](Bucket("AccessDenied"))


def test_a_manifest_that_may_not_be_read_is_not_called_absent() -> None:
    def read(code: str) -> None:
        trusted(Bucket(code), "bucket", "manifests/mysql/x.json", store="mysql", kind="mysql")  # type: ignore[arg-type]

    with pytest.raises(ManifestError, match="there is no manifest"):
        read("NoSuchKey")
    with pytest.raises(ClientError, match="AccessDenied"):
        read("AccessDenied")


class Plans:
    """DynamoDB, and AWS Backup: notes which attributes each change of an item names."""

    def __init__(self) -> None:
        self.named: set[str] = set()

    def client(self, _service: str) -> Plans:
        return self

    def get_item(self, **_request: Any) -> dict[str, Any]:
        return {}

    def update_item(self, **request: Any) -> None:
        assert request.get("ReturnValues", "NONE") == "NONE"
        self.named |= {*request["Key"], *request["ExpressionAttributeNames"].values()}
        bare = [each for each in request["UpdateExpression"].replace(",", " ").split() if each[0] not in "#:=" and each.islower()]
        assert not [each for each in bare if not each.startswith("if_not_exists")]

    def start_restore_job(self, **_request: Any) -> dict[str, str]:
        return {"RestoreJobId": "job"}


def test_each_names_what_its_permission_names() -> None:
    """`dynamodb:Attributes` holds every attribute of a request; one more and IAM would refuse it."""
    claims, begins, approves = Plans(), Plans(), Plans()
    claim(PLAN, f"arn:aws:states:::execution:{PLAN.plan_id}-1", claims.client, now=NOW)
    start_restore._from_point(PLAN, begins.client, {})
    approve(region_plan(), Approval.RECOVER, approves.client, by=f"arn:aws:iam::{DEV.account}:user/second", now=NOW)
    assert claims.named == {*plan_record.CLAIM}
    assert begins.named == {*plan_record.JOB}
    assert approves.named == {plan_record.KEY, plan_record.approved(Approval.RECOVER)}
    assert approves.named <= {*plan_record.APPROVALS}

"""A lost region leaves nothing behind in moto's regional services; global services and other regions keep everything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aws_rehearsal import Cloud

PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"


def fill(cloud: Cloud, region: str) -> None:
    cloud.client("sqs", region).create_queue(QueueName="jobs")
    cloud.client("sns", region).create_topic(Name="alerts")
    cloud.client("ssm", region).put_parameter(Name="/bank/switch", Value="on", Type="String")
    cloud.client("kms", region).create_key()


def found(cloud: Cloud, region: str) -> list[Any]:
    return [
        cloud.client("sqs", region).list_queues().get("QueueUrls", []),
        cloud.client("sns", region).list_topics()["Topics"],
        cloud.client("ssm", region).get_parameters(Names=["/bank/switch"])["Parameters"],
        cloud.client("kms", region).list_keys()["Keys"],
    ]


def test_a_lost_region_is_empty_behind_its_closed_door_and_the_other_is_untouched(cloud: Cloud) -> None:
    for region in (PRIMARY, RECOVERY):
        fill(cloud, region)
    kept = found(cloud, RECOVERY)
    assert all(kept)
    cloud.lose_region(PRIMARY)
    assert found(cloud, RECOVERY) == kept
    cloud.gateway.lost_regions.clear()  # look behind the closed door
    assert not any(found(cloud, PRIMARY))


@pytest.mark.parametrize("region", [PRIMARY, RECOVERY])
def test_global_services_have_no_region_to_lose(cloud: Cloud, region: str) -> None:
    iam = cloud.client("iam", RECOVERY if region == PRIMARY else PRIMARY)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName=f"restore-{region}", AssumeRolePolicyDocument=policy)
    cloud.lose_region(region)
    assert iam.get_role(RoleName=f"restore-{region}")["Role"]["RoleName"] == f"restore-{region}"

"""Service-linked roles: a fresh account has none; first use makes them, in the caller's name, and policies see them later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.iam import linked_roles
from aws_support.deployments import ACCOUNT, REGION, deploy, destroy, ref, resource

OTHER = "ap-southeast-2"
TABLE: dict[str, Any] = {
    "TableName": "t",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
TARGET: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/t",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    "MinCapacity": 1,
    "MaxCapacity": 2,
}
DATABASE: dict[str, Any] = {
    "DBInstanceIdentifier": "first",
    "AllocatedStorage": 20,
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "mysql",
    "MasterUsername": "root_user",
    "MasterUserPassword": "names-and-more",
}


@pytest.fixture
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Fresh each time: a role is made once."""
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


def roles(cloud: Cloud) -> set[str]:
    found = cloud.client("iam", REGION).list_roles(PathPrefix="/aws-service-role/")["Roles"]
    return {each["RoleName"] for each in found}


def arn(service: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{linked_roles.NAMES[service]}"


def user(cloud: Cloud, *actions: str) -> Any:
    """A session of a user who may do these actions on everything."""
    iam = cloud.client("iam", REGION)
    iam.create_user(UserName="someone")
    statement = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="someone", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="someone")["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)


def test_a_fresh_account_has_none_and_first_use_makes_them(cloud: Cloud) -> None:
    iam = cloud.client("iam", REGION)
    assert roles(cloud) == set()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName="AWSServiceRoleForRDS")
    dynamodb = cloud.client("dynamodb", REGION)
    dynamodb.create_table(**TABLE)
    assert roles(cloud) == set()  # a table of one region needs none
    dynamodb.update_table(TableName="t", ReplicaUpdates=[{"Create": {"RegionName": OTHER}}])
    cloud.client("application-autoscaling", REGION).register_scalable_target(**TARGET)
    cloud.client("rds", REGION).create_db_instance(**DATABASE)
    made = {"replication.dynamodb", "dynamodb.application-autoscaling", "rds"}
    assert roles(cloud) == {linked_roles.NAMES[f"{each}.amazonaws.com"] for each in made}
    assert iam.get_role(RoleName="AWSServiceRoleForRDS")["Role"]["Arn"] == arn("rds.amazonaws.com")


def test_a_stack_uses_them_as_anybody_does(cloud: Cloud) -> None:
    subnets = {
        name: resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, (name, zone) in enumerate({"One": "a", "Two": "b"}.items())
    }
    balancer = resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("One"), ref("Two")])
    stack = deploy(cloud, "lb", {"Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"), **subnets, "Balancer": balancer})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    assert roles(cloud) == {"AWSServiceRoleForElasticLoadBalancing"}


@pytest.mark.parametrize("may", [False, True])
def test_the_first_use_is_in_the_callers_name(cloud: Cloud, may: bool) -> None:
    session = user(cloud, "rds:*", *(["iam:CreateServiceLinkedRole"] if may else []))
    rds = session.client("rds", endpoint_url=cloud.endpoint)
    if may:
        rds.create_db_instance(**DATABASE)
        assert roles(cloud) == {"AWSServiceRoleForRDS"}
        return
    with pytest.raises(ClientError, match="iam:CreateServiceLinkedRole"):
        rds.create_db_instance(**DATABASE)
    assert roles(cloud) == set()
    cloud.client("iam", REGION).create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    rds.create_db_instance(**DATABASE)  # with the role there, the right is not needed


@pytest.mark.parametrize("service", sorted(linked_roles.NAMES))
def test_one_made_by_hand_or_by_a_stack_has_awss_name_and_is_made_once(cloud: Cloud, service: str) -> None:
    iam = cloud.client("iam", REGION)
    wanted = {"Role": resource("IAM::ServiceLinkedRole", AWSServiceName=service)}
    stack = deploy(cloud, "role", wanted, {"Name": ref("Role")})
    assert stack["Values"] == {"Name": linked_roles.NAMES[service]}
    assert iam.get_role(RoleName=linked_roles.NAMES[service])["Role"]["Arn"] == arn(service)
    with pytest.raises(ClientError, match="has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName=service)
    second = deploy(cloud, "second", wanted)
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    assert roles(cloud) == {linked_roles.NAMES[service]}
    destroy(cloud, stack)
    assert roles(cloud) == set()


def test_policies_see_a_new_role_a_moment_later(cloud: Cloud) -> None:
    service = "reports.backup.amazonaws.com"
    assert not linked_roles.seen(ACCOUNT, arn(service), cloud.clock)
    cloud.client("iam", REGION).create_service_linked_role(AWSServiceName=service)
    assert not linked_roles.seen(ACCOUNT, arn(service), cloud.clock)
    cloud.clock.advance_to(cloud.clock.now() + linked_roles.UNSEEN + timedelta(seconds=1))
    assert linked_roles.seen(ACCOUNT, arn(service), cloud.clock)

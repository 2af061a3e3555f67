"""CloudFormation of the embedded AWS: how a creation or an update that fails goes back, and what stops it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.gateway import refusal
from aws_support.deployments import REGION, deploy, destroy, ref, resource, settled

_numbers = itertools.count(1)
TABLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        running.client("ssm", REGION).put_parameter(Name="/rollback/taken", Value="v", Type="String")
        yield running


@pytest.fixture
def name() -> str:
    return f"rollback-{next(_numbers)}"


def parameter(name: str, value: str = "v", **more: Any) -> dict[str, Any]:
    return {**resource("SSM::Parameter", Name=name, Type="String", Value=value), **more}


def failing(*after: str) -> dict[str, Any]:
    """A resource that cannot be created: its name is taken."""
    return parameter("/rollback/taken", DependsOn=list(after))


def begin(cloud: Cloud, name: str, resources: dict[str, Any], **request: Any) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    body = json.dumps({"Resources": resources})
    return settled(cloud, cloudformation.create_stack(StackName=name, TemplateBody=body, **request)["StackId"])


def change(cloud: Cloud, name: str, resources: dict[str, Any], **request: Any) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    body = json.dumps({"Resources": resources})
    return settled(cloud, cloudformation.update_stack(StackName=name, TemplateBody=body, **request)["StackId"])


def events(cloud: Cloud, stack: dict[str, Any]) -> list[tuple[str, str]]:
    found = cloud.client("cloudformation", REGION).describe_stack_events(StackName=stack["StackId"])["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(found)]


def parameters(cloud: Cloud, path: str) -> dict[str, str]:
    found = cloud.client("ssm", REGION).get_parameters_by_path(Path=path)["Parameters"]
    return {each["Name"].rsplit("/", 1)[-1]: each["Value"] for each in found}


def test_a_failed_creation_deletes_last_first_and_keeps_what_is_retained(cloud: Cloud, name: str) -> None:
    resources = {
        "First": parameter(f"/{name}/first"),
        "Kept": parameter(f"/{name}/kept", DeletionPolicy="Retain", DependsOn="First"),
        "ExceptOnCreate": parameter(f"/{name}/except", DeletionPolicy="RetainExceptOnCreate", DependsOn="Kept"),
        "Bad": failing("ExceptOnCreate"),
    }
    stack = deploy(cloud, name, resources)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    seen = events(cloud, stack)
    after = seen[seen.index((name, "ROLLBACK_IN_PROGRESS")) :]
    ended = ("DELETE_COMPLETE", "DELETE_SKIPPED", "ROLLBACK_COMPLETE")
    assert [each for each in after if each[1] in ended] == [
        ("Bad", "DELETE_COMPLETE"),
        ("ExceptOnCreate", "DELETE_COMPLETE"),
        ("Kept", "DELETE_SKIPPED"),
        ("First", "DELETE_COMPLETE"),
        (name, "ROLLBACK_COMPLETE"),
    ]
    assert parameters(cloud, f"/{name}") == {"kept": "v"}
    assert "/rollback/taken" in cloud.client("ssm", REGION).get_parameter(Name="/rollback/taken")["Parameter"]["Name"]


def test_a_stack_that_was_rolled_back_can_only_be_deleted(cloud: Cloud, name: str) -> None:
    stack = deploy(cloud, name, {"P": parameter(f"/{name}/p"), "Bad": failing("P")})
    for call in (
        lambda: change(cloud, name, {"P": parameter(f"/{name}/p")}),
        lambda: begin(cloud, name, {"P": parameter(f"/{name}/p")}),
    ):
        with pytest.raises(ClientError, match=r"can not be updated|already exists"):
            call()
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"
    assert deploy(cloud, name, {"P": parameter(f"/{name}/p")})["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("request_says", [False, True])
def test_an_update_and_a_creation_may_be_asked_not_to_retain_what_is_new(cloud: Cloud, name: str, request_says: bool) -> None:
    kept = parameter(f"/{name}/kept", DeletionPolicy="Retain")
    stack = begin(cloud, name, {"Kept": kept, "Bad": failing("Kept")}, RetainExceptOnCreate=request_says)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert parameters(cloud, f"/{name}") == ({} if request_says else {"kept": "v"})
    destroy(cloud, stack)
    new = parameter(f"/{name}/new", DeletionPolicy="Retain")
    base = {"Base": parameter(f"/{name}/base")}
    begin(cloud, name, base)
    changed = change(cloud, name, base | {"New": new, "Bad": failing("New")}, RetainExceptOnCreate=request_says)
    assert changed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert ("new" in parameters(cloud, f"/{name}")) is not request_says


# ---------------------------------------------------------------------- what cannot be deleted
def _subnets() -> dict[str, Any]:
    return {"Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16")} | {
        each: resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, (each, zone) in enumerate({"One": "a", "Two": "b"}.items())
    }


def _balancer() -> dict[str, Any]:
    protection = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    subnets = [ref("One"), ref("Two")]
    return resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=subnets, LoadBalancerAttributes=protection)


def _database() -> dict[str, Any]:
    login = {"MasterUsername": "root_user", "MasterUserPassword": "names-and-more"}
    made = {"AllocatedStorage": "20", "DBInstanceClass": "db.t4g.micro", "Engine": "mysql"}
    return {**resource("RDS::DBInstance", **made, **login, DeletionProtection=True), "DeletionPolicy": "Delete"}


def _unprotect_balancer(cloud: Cloud, arn: str) -> None:
    off: Any = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    cloud.client("elbv2", REGION).modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)


def _unprotect_database(cloud: Cloud, name: str) -> None:
    cloud.client("rds", REGION).modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)


def _unprotect_table(cloud: Cloud, name: str) -> None:
    cloud.client("dynamodb", REGION).update_table(TableName=name, DeletionProtectionEnabled=False)


PROTECTED: dict[str, tuple[Callable[[], dict[str, Any]], Callable[[Cloud, str], None]]] = {
    "load balancer": (_balancer, _unprotect_balancer),
    "database": (_database, _unprotect_database),
    "table": (lambda: resource("DynamoDB::Table", **TABLE, DeletionProtectionEnabled=True), _unprotect_table),
    "global table": (
        lambda: resource("DynamoDB::GlobalTable", **TABLE, Replicas=[{"Region": REGION, "DeletionProtectionEnabled": True}]),
        _unprotect_table,
    ),
}


@pytest.mark.parametrize("kind", PROTECTED)
def test_deletion_protection_stops_the_rollback_until_it_is_taken_away(cloud: Cloud, name: str, kind: str) -> None:
    make, unprotect = PROTECTED[kind]
    resources = _subnets() | {"Protected": make(), "Bad": failing("Protected")}
    stack = deploy(cloud, name, resources)
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    assert "failed to delete: [Protected" in stack["StackStatusReason"]
    cloudformation = cloud.client("cloudformation", REGION)
    with pytest.raises(ClientError, match="DELETE_FAILED"):
        cloudformation.delete_stack(StackName=name, RetainResources=["Protected"])
    with pytest.raises(ClientError, match="can not be updated"):
        change(cloud, name, {"P": parameter(f"/{name}/p")})
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_FAILED"
    found = cloudformation.describe_stack_resource(StackName=stack["StackId"], LogicalResourceId="Protected")
    unprotect(cloud, found["StackResourceDetail"]["PhysicalResourceId"])
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.parametrize("way", [{"RetainResources": ["Full"]}, {"DeletionMode": "FORCE_DELETE_STACK"}])
def test_what_cannot_be_deleted_can_be_left_behind_after_one_failure(cloud: Cloud, name: str, way: dict[str, Any]) -> None:
    cloudformation, s3 = cloud.client("cloudformation", REGION), cloud.client("s3", REGION)
    stack = deploy(cloud, name, {"Full": resource("S3::Bucket", BucketName=f"{name}-full"), "P": parameter(f"/{name}/p")})
    s3.put_object(Bucket=f"{name}-full", Key="k", Body=b"v")
    with pytest.raises(ClientError, match="DELETE_FAILED"):
        cloudformation.delete_stack(StackName=name, **way)
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_FAILED"
    cloudformation.delete_stack(StackName=name, **way)
    assert settled(cloud, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert s3.get_object(Bucket=f"{name}-full", Key="k")["Body"].read() == b"v"


# ---------------------------------------------------------------------- updates
def test_an_update_that_cannot_go_back_waits_until_it_is_continued(cloud: Cloud, name: str) -> None:
    """First it is mended, then it is skipped."""
    cloudformation, ssm = cloud.client("cloudformation", REGION), cloud.client("ssm", REGION)
    base = {"Kept": parameter(f"/{name}/kept", "before"), "Other": parameter(f"/{name}/other", "before", DependsOn="Kept")}
    after = {"Kept": parameter(f"/{name}/kept", "after"), "Other": parameter(f"/{name}/other", "after", DependsOn="Kept")}
    begin(cloud, name, base)

    def break_it() -> dict[str, Any]:
        """The way back of `Kept` is refused while the gateway says so."""

        def intercept(_region: str, _service: str, operation: str) -> Any:
            if operation != "PutParameter" or calls.pop(0) is False:
                return None
            return refusal("ssm", "InternalServerError", "not now", status=500)

        # after: Kept, Other, Bad; back: Other, and Kept, which is refused as often as boto3 asks
        calls = [False, False, False, False] + [True] * 20
        cloud.gateway.interceptors.append(intercept)
        try:
            return change(cloud, name, after | {"Bad": failing("Other")})
        finally:
            cloud.gateway.interceptors.remove(intercept)

    for request in ({}, {"ResourcesToSkip": ["Kept"]}):
        stack = break_it()
        assert stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
        assert "failed to update: [Kept]" in stack["StackStatusReason"]
        with pytest.raises(ClientError, match="can not be updated"):
            change(cloud, name, base)
        with pytest.raises(ClientError, match="Other"):
            cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Other"])
        cloudformation.continue_update_rollback(StackName=name, **request)
        stack = settled(cloud, stack["StackId"])
        assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert parameters(cloud, f"/{name}") == {"kept": "after" if request else "before", "other": "before"}
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_COMPLETE"):
        cloudformation.continue_update_rollback(StackName=name)
    assert ssm.get_parameter(Name="/rollback/taken")


def test_what_a_failed_update_made_and_cannot_delete_does_not_stop_its_rollback(cloud: Cloud, name: str) -> None:
    base = {"P": parameter(f"/{name}/p")}
    begin(cloud, name, base)
    protected = resource("DynamoDB::Table", **TABLE, TableName=f"{name}-table", DeletionProtectionEnabled=True)
    stack = change(cloud, name, base | {"Protected": protected, "Bad": failing("Protected")})
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    seen = events(cloud, stack)
    cleaning = seen.index((name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert seen.index(("Protected", "DELETE_FAILED")) > cleaning
    found = cloud.client("cloudformation", REGION).list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert [each["LogicalResourceId"] for each in found] == ["P"]
    again = change(cloud, name, base | {"Protected": protected})
    assert again["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"  # the name is taken


# ---------------------------------------------------------------------- without a rollback
def test_a_creation_that_is_not_rolled_back_can_be_mended_or_rolled_back_later(cloud: Cloud, name: str) -> None:
    cloudformation = cloud.client("cloudformation", REGION)
    good = {"P": parameter(f"/{name}/p")}
    stack = begin(cloud, name, good | {"Bad": failing("P")}, DisableRollback=True)
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert parameters(cloud, f"/{name}") == {"p": "v"}
    assert change(cloud, name, good | {"Bad": parameter(f"/{name}/mended")})["StackStatus"] == "UPDATE_COMPLETE"
    assert parameters(cloud, f"/{name}") == {"p": "v", "mended": "v"}
    other = begin(cloud, f"{name}-other", {"P": parameter(f"/{name}-other/p"), "Bad": failing("P")}, OnFailure="DO_NOTHING")
    assert cloudformation.rollback_stack(StackName=f"{name}-other")["StackId"] == other["StackId"]
    assert settled(cloud, other["StackId"])["StackStatus"] == "ROLLBACK_COMPLETE"
    assert parameters(cloud, f"/{name}-other") == {}
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE"):
        cloudformation.rollback_stack(StackName=f"{name}-other")
    with pytest.raises(ClientError, match="not both"):
        begin(cloud, f"{name}-both", good, OnFailure="DELETE", DisableRollback=True)


def test_an_update_that_is_not_rolled_back_can_be_rolled_back_later(cloud: Cloud, name: str) -> None:
    base = {"P": parameter(f"/{name}/p", "before")}
    begin(cloud, name, base)
    failed = {"P": parameter(f"/{name}/p", "after"), "Bad": failing("P")}
    assert change(cloud, name, failed, DisableRollback=True)["StackStatus"] == "UPDATE_FAILED"
    assert parameters(cloud, f"/{name}") == {"p": "after"}
    stack_id = cloud.client("cloudformation", REGION).rollback_stack(StackName=name)["StackId"]
    assert settled(cloud, stack_id)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert parameters(cloud, f"/{name}") == {"p": "before"}


def test_on_failure_delete_leaves_no_stack_and_what_is_retained(cloud: Cloud, name: str) -> None:
    resources = {
        "Kept": parameter(f"/{name}/kept", DeletionPolicy="Retain"),
        "ExceptOnCreate": parameter(f"/{name}/except", DeletionPolicy="RetainExceptOnCreate"),
        "Bad": failing("Kept", "ExceptOnCreate"),
    }
    stack = begin(cloud, name, resources, OnFailure="DELETE")
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    assert parameters(cloud, f"/{name}") == {"kept": "v"}

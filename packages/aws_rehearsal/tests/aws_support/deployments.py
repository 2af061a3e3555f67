"""Small stacks deployed through boto3, for the tests of CloudFormation's resource types."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal import Cloud

REGION, ACCOUNT = "ap-southeast-1", "123456789012"


def deploy(
    cloud: Cloud, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None, *, update: bool = False
) -> dict[str, Any]:
    body = {"Resources": resources, "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()}}
    return deploy_text(cloud, name, json.dumps(body), update=update)


def deploy_text(cloud: Cloud, name: str, body: str, *, update: bool = False) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    operation = cloudformation.update_stack if update else cloudformation.create_stack
    return settled(cloud, operation(StackName=name, TemplateBody=body)["StackId"])


def settled(cloud: Cloud, stack_id: str) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    for _ in range(20):
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        if stack["StackStatus"].endswith(("_COMPLETE", "_FAILED")):
            found = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
            stack["Reasons"] = [
                each.get("ResourceStatusReason", "") for each in found if each["ResourceStatus"].endswith("FAILED")
            ]
            stack["Values"] = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            return stack
    raise AssertionError(f"{stack_id} never settles")


def destroy(cloud: Cloud, stack: dict[str, Any]) -> dict[str, Any]:
    cloud.client("cloudformation", REGION).delete_stack(StackName=stack["StackId"])
    return settled(cloud, stack["StackId"])


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def get(logical_id: str, name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, name]}


def ref(logical_id: str) -> dict[str, str]:
    return {"Ref": logical_id}

"""IAM: identities exist and carry their policies; nothing enforces them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_rehearsal.cloudformation.errors import ResourceFailed
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags

_MOST_IN_A_POLICY, _MOST_IN_A_ROLE = 6_144, 10_240
"""Characters of a managed policy, and of all policies inside one role: quotas of IAM that moto does not know."""


class Role(Handler):
    type = "AWS::IAM::Role"

    def create(self, context: Context, properties: Properties) -> Physical:
        iam = context.client("iam")
        name = properties.get("RoleName") or context.name()
        role = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=document(properties["AssumeRolePolicyDocument"]),
            Tags=tags(properties),
            **properties.pick("Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
        )["Role"]
        context.started(name)
        self._attach(iam, name, properties)
        return self._physical(role)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        iam = context.client("iam")
        iam.update_assume_role_policy(RoleName=physical.id, PolicyDocument=document(new["AssumeRolePolicyDocument"]))
        iam.update_role(RoleName=physical.id, **new.pick("Description", "MaxSessionDuration"))
        for arn in set(old.get("ManagedPolicyArns", [])) - set(new.get("ManagedPolicyArns", [])):
            iam.detach_role_policy(RoleName=physical.id, PolicyArn=arn)
        for policy in old.get("Policies", []):
            iam.delete_role_policy(RoleName=physical.id, PolicyName=policy["PolicyName"])
        if new.get("PermissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=physical.id, PermissionsBoundary=new["PermissionsBoundary"])
        elif old.get("PermissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=physical.id)
        if stale := [tag["Key"] for tag in tags(old)]:
            iam.untag_role(RoleName=physical.id, TagKeys=stale)
        iam.tag_role(RoleName=physical.id, Tags=tags(new))
        self._attach(iam, physical.id, new)
        return self._physical(iam.get_role(RoleName=physical.id)["Role"])

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        iam = context.client("iam")
        for policy in iam.list_attached_role_policies(RoleName=physical.id)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=physical.id, PolicyArn=policy["PolicyArn"])
        for name in iam.list_role_policies(RoleName=physical.id)["PolicyNames"]:
            iam.delete_role_policy(RoleName=physical.id, PolicyName=name)
        iam.delete_role(RoleName=physical.id)

    def _attach(self, iam: Any, name: str, properties: Properties) -> None:
        for arn in properties.get("ManagedPolicyArns", []):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy in properties.get("Policies", []):
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document(policy["PolicyDocument"]))

    def _physical(self, role: Mapping[str, Any]) -> Physical:
        return Physical(role["RoleName"], {"Arn": role["Arn"], "RoleId": role["RoleId"]})


class ServiceLinkedRole(Handler):
    """Every property but the description is create-only. One that stands already is refused by IAM."""

    type = "AWS::IAM::ServiceLinkedRole"

    def create(self, context: Context, properties: Properties) -> Physical:
        given = properties.pick("AWSServiceName", "CustomSuffix", "Description")
        role = context.client("iam").create_service_linked_role(**given)["Role"]
        return Physical(role["RoleName"], {"RoleName": role["RoleName"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        context.client("iam").update_role(RoleName=physical.id, Description=new.get("Description", ""))
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("iam").delete_service_linked_role(RoleName=physical.id)


class InlinePolicy(Handler):
    """`AWS::IAM::Policy`: the same document inside each of its roles."""

    type = "AWS::IAM::Policy"

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties["PolicyName"]
        self._put(context, properties)
        return Physical(name, {"Id": name})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        leaving = set(old.get("Roles", [])) - set(new.get("Roles", []))
        for role in leaving if old["PolicyName"] == new["PolicyName"] else old.get("Roles", []):
            context.client("iam").delete_role_policy(RoleName=role, PolicyName=old["PolicyName"])
        self._put(context, new)
        return Physical(physical.id, {"Id": physical.id})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        for role in properties.get("Roles", []):
            context.client("iam").delete_role_policy(RoleName=role, PolicyName=physical.id)

    def _put(self, context: Context, properties: Properties) -> None:
        text = document(properties["PolicyDocument"])
        iam, name = context.client("iam"), properties["PolicyName"]
        for role in properties.get("Roles", []):
            others = (each for each in iam.list_role_policies(RoleName=role)["PolicyNames"] if each != name)
            held = [json.dumps(iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"]) for each in others]
            if sum(map(_size, [text, *held])) > _MOST_IN_A_ROLE:
                raise ResourceFailed(f"Maximum policy size of {_MOST_IN_A_ROLE} bytes exceeded for role {role}")
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


class ManagedPolicy(Handler):
    type = "AWS::IAM::ManagedPolicy"

    def create(self, context: Context, properties: Properties) -> Physical:
        iam = context.client("iam")
        policy = iam.create_policy(
            PolicyName=properties.get("ManagedPolicyName") or context.name(128),
            PolicyDocument=_managed(properties["PolicyDocument"]),
            Tags=tags(properties),
            **properties.pick("Path", "Description"),
        )["Policy"]
        context.started(policy["Arn"])
        for role in properties.get("Roles", []):
            iam.attach_role_policy(RoleName=role, PolicyArn=policy["Arn"])
        return Physical(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        iam = context.client("iam")
        for version in iam.list_policy_versions(PolicyArn=physical.id)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=physical.id, VersionId=version["VersionId"])
        iam.create_policy_version(PolicyArn=physical.id, PolicyDocument=_managed(new["PolicyDocument"]), SetAsDefault=True)
        before, after = set(old.get("Roles", [])), set(new.get("Roles", []))
        for role in before - after:
            iam.detach_role_policy(RoleName=role, PolicyArn=physical.id)
        for role in after - before:
            iam.attach_role_policy(RoleName=role, PolicyArn=physical.id)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        iam = context.client("iam")
        for role in properties.get("Roles", []):
            iam.detach_role_policy(RoleName=role, PolicyArn=physical.id)
        for version in iam.list_policy_versions(PolicyArn=physical.id)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=physical.id, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=physical.id)


class InstanceProfile(Handler):
    type = "AWS::IAM::InstanceProfile"

    def create(self, context: Context, properties: Properties) -> Physical:
        iam = context.client("iam")
        name = properties.get("InstanceProfileName") or context.name(128)
        profile = iam.create_instance_profile(InstanceProfileName=name, **properties.pick("Path"))["InstanceProfile"]
        context.started(name)
        for role in properties["Roles"]:
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
        return Physical(name, {"Arn": profile["Arn"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        iam = context.client("iam")
        for role in old["Roles"]:
            iam.remove_role_from_instance_profile(InstanceProfileName=physical.id, RoleName=role)
        for role in new["Roles"]:
            iam.add_role_to_instance_profile(InstanceProfileName=physical.id, RoleName=role)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        iam = context.client("iam")
        for role in properties["Roles"]:
            iam.remove_role_from_instance_profile(InstanceProfileName=physical.id, RoleName=role)
        iam.delete_instance_profile(InstanceProfileName=physical.id)


def document(value: Any) -> str:
    """A policy as text, whichever way the template gave it."""
    return value if isinstance(value, str) else json.dumps(value)


def _managed(value: Any) -> str:
    text = document(value)
    if _size(text) > _MOST_IN_A_POLICY:
        raise ResourceFailed(f"Cannot exceed quota for PolicySize: {_MOST_IN_A_POLICY}")
    return text


def _size(text: str) -> int:
    """IAM counts no white space."""
    return len("".join(text.split()))

"""IAM: AWS's own managed policies, for the partition that there is, of which none is deleted that somebody has; linked roles."""

from __future__ import annotations

from copy import copy
from typing import Any

from moto.iam.exceptions import DeleteConflictException, InvalidInput
from moto.iam.models import IAMBackend

from aws_rehearsal.context import current
from aws_rehearsal.iam import linked_roles
from aws_rehearsal.patches import patch

_AWS_POLICIES: dict[str, list[Any]] = {}
"""As moto read them, by account."""


@patch(
    IAMBackend,
    "_init_aws_policies",
    source="b3f2c8c3a9c6a1eb",
    why="moto reads 1,600 policies for each of six partitions, to look up whose access key it is, and again at each reset",
)
def init_aws_policies(original: Any, backend: Any) -> list[Any]:
    """Read once in a process, seconds of CPU; each backend has its own, as who is attached to one is counted in it."""
    if backend.region_name != "aws":
        return []
    if backend.account_id not in _AWS_POLICIES:
        _AWS_POLICIES[backend.account_id] = original(backend)
    policies = [copy(each) for each in _AWS_POLICIES[backend.account_id]]
    for each in policies:
        each.versions, each.tags = [*each.versions], {**each.tags}
    return policies


@patch(IAMBackend, "delete_policy", source="dff767e9a7a55560", why="moto deletes a policy from under those who have it")
def delete_policy(original: Any, backend: Any, policy_arn: str) -> None:
    """IAM API Reference, DeletePolicy: it is detached first from all users, groups and roles, and has one version left."""
    policy = backend.get_policy(policy_arn)
    held = [
        each
        for each in (*backend.users.values(), *backend.groups.values(), *backend.roles.values())
        if policy.arn in each.managed_policies or getattr(each, "permissions_boundary_arn", None) == policy.arn
    ]
    if held:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
        )
    original(backend, policy_arn)


@patch(
    IAMBackend,
    "create_service_linked_role",
    source="178bf236b4d5920c",
    why="moto names most of them otherwise than AWS, and they are seen at once",
)
def create_service_linked_role(original: Any, backend: Any, service_name: str, description: str, suffix: str) -> Any:
    """IAM API Reference, CreateServiceLinkedRole: InvalidInput where the name is taken."""
    name = linked_roles.NAMES.get(service_name, "")
    full = f"{name}_{suffix}" if suffix else name
    if name and full in {role.name for role in backend.roles.values()}:
        raise InvalidInput(f"Service role name {full} has been taken in this account, please try a different suffix.")
    role = original(backend, service_name, description, suffix)
    if name:
        role.name = full
    linked_roles.made(role, current().clock)
    return role

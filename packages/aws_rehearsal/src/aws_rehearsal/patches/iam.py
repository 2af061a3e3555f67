"""IAM: AWS's own managed policies, for the partition that there is; and none is deleted that somebody has."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend

from aws_rehearsal.patches import patch


@patch(
    IAMBackend,
    "_init_aws_policies",
    source="b3f2c8c3a9c6a1eb",
    why="moto reads 1,600 policies for each of six partitions, to look up whose access key it is",
)
def init_aws_policies(original: Any, backend: Any) -> list[Any]:
    policies: list[Any] = original(backend) if backend.region_name == "aws" else []
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

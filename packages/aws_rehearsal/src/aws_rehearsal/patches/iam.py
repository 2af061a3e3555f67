"""IAM: AWS's own managed policies, for the partition that there is."""

from __future__ import annotations

from typing import Any

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

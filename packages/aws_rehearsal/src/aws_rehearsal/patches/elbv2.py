"""Elastic Load Balancing: a load balancer with deletion protection is not deleted."""

from __future__ import annotations

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend

from aws_rehearsal.patches import patch


@patch(ELBv2Backend, "delete_load_balancer", source="575862696f054a22", why="moto keeps the attribute, and deletes all the same")
def delete_load_balancer(original: Any, backend: Any, arn: str) -> None:
    """API reference, DeleteLoadBalancer: not with deletion protection enabled; OperationNotPermitted."""
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise ELBClientError(
            "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )
    original(backend, arn)

"""Service Quotas: what a new account is allowed of what a recovery makes. moto knows the quotas of networks alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

from aws_rehearsal.cloud import Cloud
from aws_rehearsal.context import current
from aws_rehearsal.patches import patch

QUOTAS: dict[tuple[str, str], tuple[str, Callable[[Cloud], int]]] = {
    ("rds", "L-7B6409FD"): ("DB instances", lambda cloud: cloud.database_quota),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", lambda _cloud: 5),
}
"""By service and code, AWS's defaults: docs.aws.amazon.com, Amazon RDS and Amazon VPC quotas."""


@patch(
    ServiceQuotasBackend,
    "get_service_quota",
    source="afb7feae40d37620",
    why="moto answers for VPC only, and has no GetAWSDefaultServiceQuota to ask instead",
)
def get_service_quota(original: Any, backend: Any, service_code: str, quota_code: str) -> dict[str, Any]:
    known = QUOTAS.get((service_code, quota_code))
    if known is None:
        found: dict[str, Any] = original(backend, service_code, quota_code)
        return found
    name, value = known
    return {
        "ServiceCode": service_code,
        "QuotaCode": quota_code,
        "QuotaName": name,
        "Value": float(value(current())),
        "Unit": "None",
    }

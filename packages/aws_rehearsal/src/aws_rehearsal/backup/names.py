"""ARNs of AWS Backup, and what can be read from any ARN."""

from __future__ import annotations

import uuid

from aws_rehearsal.service import ServiceError

_KEYS = uuid.UUID("5f6a1c1e-3c4b-4d63-9a51-0c8f6f0f6d11")


def region_of(arn: str) -> str:
    return _part(arn, 3)


def service_of(arn: str) -> str:
    return _part(arn, 2)


def name_of(arn: str) -> str:
    """What stands behind the resource type: `audit` of `…:table/audit`, `awsbackup:job-1` of `…:snapshot:awsbackup:job-1`."""
    resource = _part(arn, 5)
    separator = min((resource.index(mark) for mark in ":/" if mark in resource), default=-1)
    return resource[separator + 1 :]


def vault_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def plan_arn(region: str, account: str, plan_id: str) -> str:
    return f"arn:aws:backup:{region}:{account}:backup-plan:{plan_id}"


def recovery_point_arn(region: str, account: str, identifier: str) -> str:
    return f"arn:aws:backup:{region}:{account}:recovery-point:{identifier}"


def snapshot_arn(region: str, account: str, identifier: str) -> str:
    return f"arn:aws:rds:{region}:{account}:snapshot:{identifier}"


def aws_managed_key_arn(region: str, account: str, service: str) -> str:
    """The key behind `alias/aws/{service}`: one per region. No other service's copies can be encrypted with that of `backup`."""
    return f"arn:aws:kms:{region}:{account}:key/{uuid.uuid5(_KEYS, f'{service} {region}')}"


def new_id() -> str:
    return str(uuid.uuid4())


def new_job_id() -> str:
    """AWS writes job ids in capitals."""
    return new_id().upper()


def _part(arn: str, index: int) -> str:
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ServiceError("InvalidParameterValueException", f"Invalid ARN: {arn}")
    return parts[index]

"""The keys of vaults and recovery points, in the embedded KMS."""

from __future__ import annotations

from moto.kms.models import Key, kms_backends

from aws_rehearsal.backup import names

_USABLE = frozenset({"Enabled", "Creating"})


def make_managed(region: str, account: str, service: str = "backup") -> str:
    """ARN of the region's `aws/backup` or `aws/rds`: there from the first vault or instance on that has no key of its own."""
    arn = names.aws_managed_key_arn(region, account, service)
    keys = kms_backends[account][region].keys
    if names.name_of(arn) not in keys:
        key = Key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", f"Default key of {service}", account, region)
        key.id, key.arn, key.key_manager = names.name_of(arn), arn, "AWS"
        keys[key.id] = key
    return arn


def problem(arn: str | None, account: str) -> str | None:
    """Why a key cannot be used; None when it can, or when the embedded KMS does not know it."""
    if not arn or ":key/" not in arn:
        return None
    key = kms_backends[account][names.region_of(arn)].keys.get(names.name_of(arn))
    return f"the KMS key {arn} is {key.key_state}" if key is not None and key.key_state not in _USABLE else None

"""Keys of the embedded KMS as the other services use them: which one is meant, and why it cannot be used.

"Key states of AWS KMS keys" (AWS KMS guide): a key that is disabled or pending deletion fails every cryptographic operation. Each
service tells its caller in an error of its own; those are raised where that service is extended.
"""

from __future__ import annotations

from typing import NamedTuple

from moto.kms.models import Key, kms_backends

from aws_rehearsal.backup import names

USABLE = frozenset({"Enabled", "Creating"})


class Unusable(NamedTuple):
    """A key that cannot be used, and the state it is in."""

    arn: str
    state: str

    @property
    def disabled(self) -> bool:
        return self.state == "Disabled"

    @property
    def said(self) -> str:
        """In the words of KMS's own errors."""
        return f"{self.arn} is disabled." if self.disabled else f"{self.arn} is pending deletion."


def make_managed(region: str, account: str, service: str = "backup") -> str:
    """ARN of the region's `aws/backup` or `aws/rds`: there from the first vault or instance on that has no key of its own."""
    arn = names.aws_managed_key_arn(region, account, service)
    keys = kms_backends[account][region].keys
    if names.name_of(arn) not in keys:
        key = Key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", f"Default key of {service}", account, region)
        key.id, key.arn, key.key_manager = names.name_of(arn), arn, "AWS"
        keys[key.id] = key
    return arn


def find(reference: str | None, account: str, region: str) -> Key | None:
    """By id, ARN, alias or alias's ARN; None when there is none, or when the embedded KMS does not know it."""
    if not reference:
        return None
    if reference.startswith("arn:"):
        region, reference = reference.split(":")[3], reference.split(":", 5)[5].removeprefix("key/")
    backend = kms_backends[account][region]
    if reference.startswith("alias/"):
        reference = backend.get_key_id_from_alias(reference) or ""
    return backend.keys.get(reference.removeprefix("key/"))


def unusable(reference: str | None, account: str, region: str) -> Unusable | None:
    """The key in `region` that `reference` means, when it cannot be used."""
    key = find(reference, account, region)
    return Unusable(key.arn, key.key_state) if key is not None and key.key_state not in USABLE else None


def all_usable(account: str, region: str) -> bool:
    """Whether no key of the region is disabled or pending deletion: then nobody needs to ask for one."""
    return all(key.key_state in USABLE for key in kms_backends[account][region].keys.values())


def problem(arn: str | None, account: str) -> str | None:
    """Why a key cannot be used; None when it can, or when the embedded KMS does not know it."""
    found = unusable(arn, account, names.region_of(arn)) if arn and ":key/" in arn else None
    return f"the KMS key {found.arn} is {found.state}" if found else None

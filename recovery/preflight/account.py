"""What the account must allow in this region: the deployment's bootstrap, quotas, AWS Backup's opt-ins, keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from botocore.exceptions import ClientError

from recovery.preflight.line import About, Client, Line
from recovery.recovery_points import UNUSABLE_KEYS
from strategy.contracts.preflight import PreflightRequest, Quota


class Account(Protocol):
    """What is asked of an account in one region, by the pre-flight and by the monitor."""

    @property
    def environment(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def opted_in(self) -> tuple[str, ...]: ...

    @property
    def keys(self) -> tuple[str, ...]: ...


_BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


def bootstrap(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    mend = f"cdk bootstrap aws://{wanted.account}/{wanted.region}"
    about = About("bootstrap", "CDK bootstrap stack", f"version {wanted.bootstrap} or later", mend)
    found = parameter(client("ssm"), _BOOTSTRAP)
    if found is None:
        return [about.says("the region is not bootstrapped")]
    version = int(found)
    return [about.says(f"version {version}" if version < wanted.bootstrap else None, f"version {version}")]


def quotas(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """Room for what a recovery makes, beside what is there."""
    return [_quota(wanted, client, quota) for quota in wanted.quotas]


def _quota(wanted: PreflightRequest, client: Client, quota: Quota) -> Line:
    allowed, used = _allowed(client("service-quotas"), quota), _USED[quota.code](client)
    command = "aws service-quotas request-service-quota-increase"
    mend = f"{command} --service-code {quota.service} --quota-code {quota.code} --desired-value {used + quota.needed}"
    about = About("quotas", quota.what, f"room for {quota.needed} more", f"{mend} --region {wanted.region}")
    seen = f"{used} of {allowed} used"
    return about.says(seen if allowed - used < quota.needed else None, seen)


def _allowed(quotas: Any, quota: Quota) -> int:
    """What was granted; AWS's default where nothing ever was."""
    named = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        return int(quotas.get_service_quota(**named)["Quota"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchResourceException":
            raise
        return int(quotas.get_aws_default_service_quota(**named)["Quota"]["Value"])


def _databases(client: Client) -> int:
    pages = client("rds").get_paginator("describe_db_instances").paginate()
    return sum(len(page["DBInstances"]) for page in pages)


def _addresses(client: Client) -> int:
    return len(client("ec2").describe_addresses()["Addresses"])


_USED = {"L-7B6409FD": _databases, "L-0263D0A3": _addresses}


def opt_ins(wanted: Account, client: Client, _now: datetime) -> list[Line]:
    """AWS Backup restores and protects only the types that the region is opted in to."""
    found = client("backup").describe_region_settings().get("ResourceTypeOptInPreference", {})
    lines = []
    for each in wanted.opted_in:
        mend = f"aws backup update-region-settings --resource-type-opt-in-preference {each}=true --region {wanted.region}"
        about = About("opt-ins", f"AWS Backup: {each}", "opted in", mend)
        lines.append(about.says(None if found.get(each) else "opted out", "opted in"))
    return lines


def keys(wanted: Account, client: Client, _now: datetime) -> list[Line]:
    """Of what is encrypted with a key that is gone, nothing can be restored."""
    lines = []
    for alias in wanted.keys:
        state, arn = _key(client("kms"), alias)
        about = About("keys", alias, "enabled", _mended(state, arn, wanted))
        lines.append(about.says(None if state == "Enabled" else state, "enabled"))
    return lines


def _key(kms: Any, alias: str) -> tuple[str, str]:
    try:
        found = kms.describe_key(KeyId=alias)["KeyMetadata"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return "there is no such key", alias
    return str(found["KeyState"]), str(found["Arn"])


def _mended(state: str, arn: str, wanted: Account) -> str:
    where = f"--region {wanted.region}"
    if state == "PendingDeletion":
        return f"aws kms cancel-key-deletion --key-id {arn} {where} && aws kms enable-key --key-id {arn} {where}"
    if state in UNUSABLE_KEYS:
        return f"aws kms enable-key --key-id {arn} {where}"
    return deploy(wanted)


def deploy(wanted: Account) -> str:
    return f"make deploy ENV={wanted.environment}"


def parameter(ssm: Any, name: str) -> str | None:
    """Its value; None where there is none."""
    try:
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return None

"""What must be here for the services to serve: releases and platforms, certificates, and a switch that can be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from recovery.cutover.switch import Record
from recovery.preflight.account import parameter
from recovery.preflight.line import About, Client, Line
from strategy.contracts.preflight import Certificate, PreflightRequest, Release

_LEFT = timedelta(days=14)
"""A certificate that ACM renews is renewed 60 days before its end: with so little left, something keeps it from that."""
_READY = frozenset({"PROCESSED", "UNPROCESSED"})
"""Of an application version: the second is one that was never to be looked into."""


def releases(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """What each release leaves in a region: its version, whose bundle is here, and a platform that AWS still offers.

    Elastic Beanstalk retires platform versions, region by region; an environment of a retired one cannot be made anew.
    """
    if not wanted.services:
        return []
    offered = set(client("elasticbeanstalk").list_available_solution_stacks()["SolutionStacks"])
    return [line for each in wanted.releases for line in _released(wanted, each, client, offered)]


def _released(wanted: PreflightRequest, each: Release, client: Client, offered: Iterable[str]) -> list[Line]:
    service, ssm = each.service, client("ssm")
    again = f"python -m deployment.release {wanted.environment} {service} --version LABEL --platform STACK --bundle FILE"
    version = About("releases", f"{service}: version", "its bundle is here", again)
    platform = About("releases", f"{service}: platform", "offered by Elastic Beanstalk", again)
    label, stack = parameter(ssm, each.version), parameter(ssm, each.platform)
    lines = []
    if label is None:
        lines.append(version.says("no release has reached this region"))
    else:
        lines.append(version.says(_version(client, wanted.application, label), label))
    if stack is None:
        lines.append(platform.says("no release has said its platform here"))
    else:
        gone = None if stack in offered else f"{stack} is not offered here any more"
        lines.append(platform.says(gone, stack))
    return lines


def _version(client: Client, application: str, label: str) -> str | None:
    found = client("elasticbeanstalk").describe_application_versions(ApplicationName=application, VersionLabels=[label])
    if not found["ApplicationVersions"]:
        return f"there is no application version {label}"
    (version,) = found["ApplicationVersions"]
    if version.get("Status", "PROCESSED") not in _READY:
        return f"application version {label} is {version['Status']}"
    bundle = version.get("SourceBundle", {})
    try:
        client("s3").head_object(Bucket=bundle.get("S3Bucket", "-"), Key=bundle.get("S3Key", "-"))
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}:
            raise
        return f"the bundle of {label} is not in this region"
    return None


def certificates(wanted: PreflightRequest, client: Client, now: datetime) -> list[Line]:
    """Of the name that customers use: issued, for that name and each service's, and not about to end."""
    lines = []
    for each in wanted.certificates:
        mend = f"aws acm describe-certificate --certificate-arn {each.arn} --region {wanted.region}  # then validate it"
        about = About("certificates", each.name, f"issued, and good for {_LEFT.days} days", mend)
        lines.append(about.says(_certificate(client("acm"), each, now), "issued"))
    return lines


def _certificate(acm: Any, wanted: Certificate, now: datetime) -> str | None:
    try:
        found = acm.describe_certificate(CertificateArn=wanted.arn)["Certificate"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return f"there is no certificate {wanted.arn}"
    if found["Status"] != "ISSUED":
        return f"it is {found['Status']}"
    covered = {found.get("DomainName"), *found.get("SubjectAlternativeNames", [])}
    if missing := {wanted.name, f"*.{wanted.name}"} - covered:
        return f"it does not cover {', '.join(sorted(missing))}"
    ends = found.get("NotAfter")
    return f"it ends {ends.isoformat()}" if ends is not None and ends - now < _LEFT else None


def switch(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """That it was never written is as good; that it says something nobody can read is not: the fence would keep as it is."""
    history = f"aws ssm get-parameter-history --name {wanted.switch} --region {wanted.region}"
    about = About("switch", wanted.switch, "readable", f"{history}  # and put back the last value that is a record")
    found = parameter(client("ssm"), wanted.switch)
    if found is None:
        return [about.says(None, "readable, and never written")]
    try:
        record = Record.from_json(found)
    except ValueError as error:
        return [about.says(str(error))]
    return [about.says(None, f"readable: {record.serving} serves since {record.since.isoformat()}")]

"""What a restore here stands on besides the data: groups, engine, secrets, the workflow, buckets, and free names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.preflight.account import deploy
from recovery.preflight.line import About, Client, Line
from recovery.status import premises
from strategy.contracts.preflight import PreflightRequest

_NO_REPLICATION = frozenset({"ReplicationConfigurationNotFoundError"})
_NO_BUCKET = frozenset({"NoSuchBucket", "404"})


def groups(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """No option group is asked for: restored instances take RDS's own default, which RDS makes itself."""
    rds = client("rds")
    asked = {
        "subnet group": premises.subnet_group(rds, wanted.subnet_group),
        "parameter group": premises.parameter_group(rds, wanted.parameter_group),
    }
    return [About("groups", what, "it is there", deploy(wanted)).says(problem, "it is there") for what, problem in asked.items()]


def engines(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """RDS stops offering versions and classes, region by region; an instance of such a version cannot be made anew."""
    lines = []
    for engine in wanted.engines:
        what = f"MySQL {engine.version} on {engine.instance_class}"
        mend = f"upgrade the instance, and engine_version or instance_class in environments/{wanted.environment}.toml"
        pages = (
            client("rds")
            .get_paginator("describe_orderable_db_instance_options")
            .paginate(Engine="mysql", DBInstanceClass=engine.instance_class)
        )
        versions = {each["EngineVersion"] for page in pages for each in page["OrderableDBInstanceOptions"]}
        offered = [each for each in versions if each == engine.version or each.startswith(f"{engine.version}.")]
        problem = None if offered else "RDS does not offer it in this region"
        lines.append(About("engines", what, "offered by RDS", mend).says(problem, f"offered, newest {max(offered, default='')}"))
    return lines


def secrets(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """There, current, and not a relic: a replica that was cut off from its primary keeps the passwords of that day."""
    lines = []
    for name in wanted.secrets:
        mend = f"aws secretsmanager replicate-secret-to-regions --secret-id {name} --force-overwrite-replica-secret"
        mend += f" --add-replica-regions Region={wanted.region}  # in the region that holds it"
        about = About("secrets", name, "replicated, and current", mend)
        lines.append(about.says(_secret(client("secretsmanager"), name, home=wanted.home), "replicated, and current"))
    return lines


def _secret(manager: Any, name: str, *, home: bool) -> str | None:
    """Home has the secrets themselves, whichever role it has; the other region has their replicas."""
    problem = premises.secret(manager, name)
    if problem is not None:
        return problem
    found = manager.describe_secret(SecretId=name)
    if not any("AWSCURRENT" in stages for stages in found.get("VersionIdsToStages", {}).values()):
        return "it has no current version"
    if home:
        return None if found.get("ReplicationStatus") else "no other region has a replica of it"
    return None if found.get("PrimaryRegion") else "it is not a replica: nothing renews it here"


def workflow(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    name = wanted.workflow.rpartition(":")[2]
    about = About("workflow", name, "active", deploy(wanted))
    return [about.says(premises.workflow(client("stepfunctions"), wanted.workflow), "active")]


def names(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """A restored store takes the lost one's name; a replica that has it already needs no restore."""
    lines = []
    for store in wanted.stores:
        if store.replica == store.physical:
            continue
        if store.kind == "mysql":
            taken = premises.instance_exists(client("rds"), store.physical)
        else:
            taken = premises.table_exists(client("dynamodb"), store.physical)
        mend = "if it was recovered already, swap the regions of the environment's file; else rename it"
        about = About("names", store.physical, "free", mend)
        lines.append(about.says("it is taken here" if taken else None, "free"))
    return lines


def buckets(wanted: PreflightRequest, client: Client, _now: datetime) -> list[Line]:
    """Versioned, and replicating the other way: what is written here after a recovery must come back at the failback."""
    return [
        About("buckets", name, "versioned, and replicating to the other region", deploy(wanted)).says(
            _bucket(client("s3"), name), "versioned, and replicating"
        )
        for name in wanted.buckets
    ]


def _bucket(s3: Any, name: str) -> str | None:
    try:
        if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
            return "it is not versioned"
        rules = s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _NO_BUCKET:
            return "there is no such bucket"
        if code in _NO_REPLICATION:
            return "it replicates nothing"
        raise
    return None if any(each["Status"] == "Enabled" for each in rules) else "all of its replication rules are off"

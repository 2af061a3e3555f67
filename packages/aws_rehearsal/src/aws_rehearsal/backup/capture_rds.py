"""RDS DB instances: snapshots taken, copied and restored through the RDS API, which is where the rows are."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.model import Shape
from moto.core.utils import get_service_model

from aws_rehearsal.backup import names
from aws_rehearsal.backup.records import BackupJob, Capture, CopyJob, JobFailedError, RecoveryPoint, RestoreJob, Vault
from aws_rehearsal.backup.restore_metadata import INFORMATION_ONLY, RESTORE_METADATA
from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.rds.states import OPERATIONAL, STUCK

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_GIBIBYTE = 2**30
_CAPTURED = frozenset(
    {"AutoMinorVersionUpgrade", "CopyTagsToSnapshot", "DBInstanceClass", "DBInstanceIdentifier", "DBName"}
    | {"DeletionProtection", "EnabledCloudwatchLogsExports", "Engine", "EngineVersion", "Iops", "KmsKeyId"}
    | {"LicenseModel", "MultiAZ", "PubliclyAccessible", "StorageType"}
)


class ProtectedRds:
    type_name = "RDS"

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    # ------------------------------------------------------------------ backup and copy
    def capture(self, region: str, job: BackupJob, vault: Vault) -> Capture:  # noqa: ARG002  the source's key encrypts it
        client = self._cloud.client("rds", region, mark=OF_AWS)
        database = client.describe_db_instances(DBInstanceIdentifier=job.resource_name)["DBInstances"][0]
        identifier = f"awsbackup:job-{job.job_id.lower()}"
        client.create_db_snapshot(DBInstanceIdentifier=job.resource_name, DBSnapshotIdentifier=identifier)
        return Capture(
            recovery_point_arn=names.snapshot_arn(region, job.account_id, identifier),
            resource_name=job.resource_name,
            size=database["AllocatedStorage"] * _GIBIBYTE,
            restore_metadata=_restore_metadata(database),
            encrypted=database.get("StorageEncrypted", False),
            encryption_key_arn=database.get("KmsKeyId"),
            tags={tag["Key"]: tag["Value"] for tag in database.get("TagList", [])},
        )

    def copy(self, point: RecoveryPoint, job: CopyJob, vault: Vault) -> str:
        if not vault.has_own_key:
            raise JobFailedError(
                "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed"
                " key. The contents of this vault cannot be copied. Only the contents of a Backup vault encrypted by an AWS"
                " KMS key may be copied."
            )
        region = names.region_of(vault.backup_vault_arn)
        identifier = f"awsbackup:copyjob-{job.job_id.lower()}"
        self._cloud.client("rds", region, mark=OF_AWS).copy_db_snapshot(
            SourceDBSnapshotIdentifier=point.recovery_point_arn,
            TargetDBSnapshotIdentifier=identifier,
            KmsKeyId=vault.encryption_key_arn,
            SourceRegion=names.region_of(point.recovery_point_arn),
        )
        return names.snapshot_arn(region, job.account_id, identifier)

    def is_ready(self, recovery_point_arn: str) -> bool:
        client = self._cloud.client("rds", names.region_of(recovery_point_arn), mark=OF_AWS)
        found = client.describe_db_snapshots(DBSnapshotIdentifier=names.name_of(recovery_point_arn))["DBSnapshots"][0]
        if found["Status"] == "failed":
            raise JobFailedError(f"RDS reports snapshot {recovery_point_arn} as failed")
        return bool(found["Status"] == "available")

    def delete(self, recovery_point_arn: str) -> bool:
        client = self._cloud.client("rds", names.region_of(recovery_point_arn), mark=OF_AWS)
        try:
            client.delete_db_snapshot(DBSnapshotIdentifier=names.name_of(recovery_point_arn))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "InvalidDBSnapshotState":  # still being made
                return False
            if code not in {"DBSnapshotNotFound", "DBSnapshotNotFoundFault"}:
                raise
        return True

    # ------------------------------------------------------------------ restore
    def begin_restore(self, point: RecoveryPoint, job: RestoreJob, tags: dict[str, str]) -> None:
        parameters = restore_parameters(job.metadata)
        if "DBInstanceIdentifier" not in parameters:
            raise JobFailedError("DBInstanceIdentifier must be given to restore an RDS recovery point")
        if tags:
            parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        # RDS takes the ARN of a snapshot as well as its name, but AWS Backup's own are named without their region.
        parameters["DBSnapshotIdentifier"] = names.name_of(point.recovery_point_arn)
        self._cloud.client("rds", job.region, mark=OF_AWS).restore_db_instance_from_db_snapshot(**parameters)

    def finish_restore(self, point: RecoveryPoint, job: RestoreJob) -> str | None:  # noqa: ARG002  RDS has the snapshot
        name = restore_parameters(job.metadata)["DBInstanceIdentifier"]
        client = self._cloud.client("rds", job.region, mark=OF_AWS)
        database = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        status = database["DBInstanceStatus"]
        if status in STUCK:
            raise JobFailedError(f"RDS reports the restored instance {name} as {status}")
        return str(database["DBInstanceArn"]) if status in OPERATIONAL else None

    def delete_restored(self, resource_arn: str) -> None:
        client = self._cloud.client("rds", names.region_of(resource_arn), mark=OF_AWS)
        client.delete_db_instance(DBInstanceIdentifier=names.name_of(resource_arn), SkipFinalSnapshot=True)

    # ------------------------------------------------------------------ look-up
    def resources(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        for page in self._cloud.client("rds", region, mark=OF_AWS).get_paginator("describe_db_instances").paginate():
            for database in page["DBInstances"]:
                yield database["DBInstanceArn"], {tag["Key"]: tag["Value"] for tag in database.get("TagList", [])}


def _restore_metadata(database: dict[str, Any]) -> dict[str, str]:
    """The instance's settings as restore metadata: strings, lists as JSON."""
    metadata: dict[str, Any] = {key: database[key] for key in sorted(_CAPTURED & database.keys())}
    if "EnabledCloudwatchLogsExports" in metadata:
        metadata["EnableCloudwatchLogsExports"] = metadata.pop("EnabledCloudwatchLogsExports")
    metadata["EnableIAMDatabaseAuthentication"] = database.get("IAMDatabaseAuthenticationEnabled", False)
    metadata["Encrypted"] = database.get("StorageEncrypted", False)
    metadata["VpcSecurityGroupIds"] = [each["VpcSecurityGroupId"] for each in database.get("VpcSecurityGroups", [])]
    if groups := database.get("DBParameterGroups"):
        metadata["DBParameterGroupName"] = groups[0]["DBParameterGroupName"]
    if groups := database.get("OptionGroupMemberships"):
        metadata["OptionGroupName"] = groups[0]["OptionGroupName"]
    if subnets := database.get("DBSubnetGroup"):
        metadata |= {"DBSubnetGroupName": subnets["DBSubnetGroupName"], "vpcId": subnets.get("VpcId", "")}
    if port := database.get("Endpoint", {}).get("Port"):
        metadata["Port"] = port
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}


def restore_parameters(metadata: dict[str, str]) -> dict[str, Any]:
    """Restore metadata → parameters of RestoreDBInstanceFromDBSnapshot, typed as the RDS model says.

    Raises JobFailedError for a key that AWS Backup does not document.
    """
    known = {name.lower(): (name, shape) for name, shape in _restore_shape().items()}
    parameters = {}
    for key, text in metadata.items():
        if key.lower() in INFORMATION_ONLY:
            continue
        if key.lower() not in RESTORE_METADATA["RDS"] & known.keys():
            raise JobFailedError(f"Unknown restore metadata for RDS: {key}")
        name, shape = known[key.lower()]
        parameters[name] = _typed(name, shape.type_name, text)
    return parameters


def _typed(name: str, type_name: str, text: str) -> Any:
    if type_name == "string":
        return text
    wanted = {"boolean": bool, "integer": int, "list": list}[type_name]
    try:
        value = json.loads(text.lower() if wanted is bool else text)
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise JobFailedError(f"Restore metadata {name} must be a JSON {type_name}, not {text!r}")
    return value


@functools.cache
def _restore_shape() -> dict[str, Shape]:
    shape = get_service_model("rds").operation_model("RestoreDBInstanceFromDBSnapshot").input_shape
    return dict(shape.members) if shape else {}

"""DynamoDB tables with AWS Backup's advanced features: full backups, each a file of its own in the region's directory.

A file is gzipped JSON lines: the table's description first, then one item a line, in DynamoDB's JSON.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from aws_rehearsal.backup import names
from aws_rehearsal.backup.records import BackupJob, Capture, CopyJob, JobFailedError, RecoveryPoint, RestoreJob, Vault
from aws_rehearsal.backup.restore_metadata import RESTORE_METADATA
from aws_rehearsal.gateway import OF_AWS

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


class ProtectedDynamoDb:
    type_name = "DynamoDB"

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    # ------------------------------------------------------------------ backup and copy
    def capture(self, region: str, job: BackupJob, vault: Vault) -> Capture:
        client = self._cloud.client("dynamodb", region, mark=OF_AWS)
        table = client.describe_table(TableName=job.resource_name)["Table"]
        pages = client.get_paginator("scan").paginate(TableName=job.resource_name, ConsistentRead=True)
        arn = names.recovery_point_arn(region, job.account_id, names.new_id())
        items = (item for page in pages for item in page["Items"])
        size = _write(self._file(arn), _creation(table), items)
        return Capture(
            recovery_point_arn=arn,
            resource_name=job.resource_name,
            size=size,
            restore_metadata={"targetTableName": job.resource_name, "encryptionType": "Default"},
            encrypted=True,
            encryption_key_arn=vault.encryption_key_arn,
            tags=_tags(client, table["TableArn"]),
        )

    def copy(self, point: RecoveryPoint, job: CopyJob, vault: Vault) -> str:
        if point.is_cold(self._cloud.clock.now()):
            raise JobFailedError("Copy job failed because a recovery point in cold storage cannot be copied across Regions")
        arn = names.recovery_point_arn(names.region_of(vault.backup_vault_arn), job.account_id, names.new_id())
        shutil.copyfile(self._existing(point), self._file(arn))
        return arn

    def is_ready(self, recovery_point_arn: str) -> bool:
        return self._file(recovery_point_arn).exists()

    def delete(self, recovery_point_arn: str) -> bool:
        self._file(recovery_point_arn).unlink(missing_ok=True)
        return True

    # ------------------------------------------------------------------ restore
    def begin_restore(self, point: RecoveryPoint, job: RestoreJob, tags: dict[str, str]) -> None:  # noqa: ARG002  never taken over
        metadata = _metadata(job)
        if job.copy_tags:
            raise JobFailedError("CopySourceTagsToRestoredResource is not supported for DynamoDB")
        if "targettablename" not in metadata:
            raise JobFailedError("targetTableName must be given to restore a DynamoDB recovery point")
        if unknown := metadata.keys() - RESTORE_METADATA["DynamoDB"]:
            raise JobFailedError(f"Unknown restore metadata for DynamoDB: {', '.join(sorted(unknown))}")
        if names.region_of(point.resource_arn) != job.region and "encryptiontype" not in metadata:
            raise JobFailedError("encryptionType must be given to restore a DynamoDB copy from another Region")
        if metadata.get("encryptiontype") not in {None, "Default", "KMS"}:
            raise JobFailedError(f"encryptionType is Default or KMS, not {metadata['encryptiontype']}")
        if metadata.get("encryptiontype") == "KMS" and "kmsmasterkeyarn" not in metadata:
            raise JobFailedError("kmsMasterKeyArn must be given with encryptionType KMS")
        self._check_free(job.region, metadata["targettablename"])

    def finish_restore(self, point: RecoveryPoint, job: RestoreJob) -> str | None:
        """Create and fill the table in one go: as on AWS, nobody can use it before it is complete."""
        client = self._cloud.client("dynamodb", job.region, mark=OF_AWS)
        metadata = _metadata(job)
        name = metadata["targettablename"]
        with gzip.open(self._existing(point), "rt", encoding="utf-8") as lines:
            creation = json.loads(next(lines)) | {"TableName": name}
            if metadata.get("encryptiontype") == "KMS":
                key = metadata["kmsmasterkeyarn"]
                creation["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
            self._check_free(job.region, name)
            arn: str = client.create_table(**creation)["TableDescription"]["TableArn"]
            try:
                _fill(arn, (_decoded(json.loads(line)) for line in lines))
            except BaseException:  # half a table must not pass for a restored one
                client.delete_table(TableName=name)
                raise
        return arn

    def delete_restored(self, resource_arn: str) -> None:
        self._cloud.client("dynamodb", names.region_of(resource_arn), mark=OF_AWS).delete_table(
            TableName=names.name_of(resource_arn)
        )

    def _check_free(self, region: str, name: str) -> None:
        try:
            self._cloud.client("dynamodb", region, mark=OF_AWS).describe_table(TableName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return
            raise
        raise JobFailedError(f"Table already exists: {name}")

    # ------------------------------------------------------------------ look-up
    def resources(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        client = self._cloud.client("dynamodb", region, mark=OF_AWS)
        for page in client.get_paginator("list_tables").paginate():
            for name in page["TableNames"]:
                arn = client.describe_table(TableName=name)["Table"]["TableArn"]
                yield arn, _tags(client, arn)

    def _file(self, recovery_point_arn: str) -> Path:
        """The region is part of the ARN: a copy can only lie in its own region's directory."""
        region = names.region_of(recovery_point_arn)
        if region in self._cloud.gateway.lost_regions:
            raise JobFailedError(f"{region} is unavailable")
        return self._cloud.region_directory(region, "backup") / f"{names.name_of(recovery_point_arn)}.jsonl.gz"

    def _existing(self, point: RecoveryPoint) -> Path:
        file = self._file(point.recovery_point_arn)
        if not file.exists():
            raise JobFailedError(f"The data of recovery point {point.recovery_point_arn} is gone")
        return file


def _metadata(job: RestoreJob) -> dict[str, str]:
    """AWS reads DynamoDB's restore metadata without regard to case."""
    return {key.lower(): value for key, value in job.metadata.items()}


def _fill(arn: str, items: Iterator[dict[str, Any]]) -> None:
    """Past the API: a restore is no caller, and one by one is a third of what batches of requests cost."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][names.region_of(arn)].get_table(names.name_of(arn))
    for item in items:
        table.put_item(item, overwrite=True)


def _tags(client: Any, arn: str) -> dict[str, str]:
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _creation(table: dict[str, Any]) -> dict[str, Any]:
    """CreateTable's parameters for a table like this one: keys, indexes and billing mode.

    Everything else AWS leaves off after a restore: PITR, TTL, streams, tags, autoscaling, deletion protection, the
    Infrequent Access class.
    """
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    creation = {
        "KeySchema": table["KeySchema"],
        "AttributeDefinitions": table["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED",
    }
    if not on_demand:
        creation["ProvisionedThroughput"] = _throughput(table)
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        indexes = [{key: index[key] for key in ("IndexName", "KeySchema", "Projection")} for index in table.get(kind, [])]
        if kind.startswith("Global") and not on_demand:
            for index, original in zip(indexes, table.get(kind, []), strict=True):
                index["ProvisionedThroughput"] = _throughput(original)
        if indexes:
            creation[kind] = indexes
    return creation


def _throughput(described: dict[str, Any]) -> dict[str, int]:
    return {key: described["ProvisionedThroughput"][key] for key in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _write(path: Path, creation: dict[str, Any], items: Iterable[dict[str, Any]]) -> int:
    """Write the file, or nothing; return the bytes of item data in it."""
    unfinished = path.with_suffix(".unfinished")
    size = 0
    with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(json.dumps(creation) + "\n")
        for item in items:
            line = json.dumps(item, default=_encoded, separators=(",", ":"))
            size += len(line)
            file.write(line + "\n")
    unfinished.rename(path)
    return size


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _decoded_value(value) for name, value in item.items()}


def _decoded_value(value: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's JSON → boto3's low-level form, in which binary values are bytes."""
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: base64.b64decode(content)}
        case "BS":
            return {kind: [base64.b64decode(each) for each in content]}
        case "M":
            return {kind: _decoded(content)}
        case "L":
            return {kind: [_decoded_value(each) for each in content]}
        case _:
            return value

"""RDS instances and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation.errors import ResourceFailed
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, gone, stands, tags
from aws_rehearsal.rds.states import OPERATIONAL, STUCK

_SOURCES = {
    "DBSnapshotIdentifier": "restore_db_instance_from_db_snapshot",
    "SourceDBInstanceIdentifier": "create_db_instance_read_replica",
}
"""Where a new instance comes from, when not from nothing; a restore to a moment is the recovery workflow's work."""
_REPLICATION = (
    "AutomaticBackupReplicationRegion",
    "AutomaticBackupReplicationKmsKeyId",
    "AutomaticBackupReplicationRetentionPeriod",
)


class SubnetGroup(Handler):
    type = "AWS::RDS::DBSubnetGroup"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("DBSubnetGroupName") or "").lower()
        return name if name and stands(context.client("rds").describe_db_subnet_groups, DBSubnetGroupName=name) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        name = (properties.get("DBSubnetGroupName") or context.name(255)).lower()
        given = properties.pick("DBSubnetGroupDescription", "SubnetIds")
        answer = context.client("rds").create_db_subnet_group(DBSubnetGroupName=name, Tags=tags(properties), **given)
        return Physical(name, {"DBSubnetGroupArn": answer["DBSubnetGroup"]["DBSubnetGroupArn"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        rds = context.client("rds")
        rds.modify_db_subnet_group(DBSubnetGroupName=physical.id, **new.pick("DBSubnetGroupDescription", "SubnetIds"))
        _retag(rds, physical.attributes["DBSubnetGroupArn"], old, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("rds").delete_db_subnet_group(DBSubnetGroupName=physical.id)


class ParameterGroup(Handler):
    type = "AWS::RDS::DBParameterGroup"

    def create(self, context: Context, properties: Properties) -> Physical:
        rds = context.client("rds")
        name = (properties.get("DBParameterGroupName") or context.name(255)).lower()
        given = properties.pick("Description", DBParameterGroupFamily="Family")
        answer = rds.create_db_parameter_group(DBParameterGroupName=name, Tags=tags(properties), **given)
        context.started(name)
        self._set(rds, name, properties)
        return Physical(name, {"DBParameterGroupArn": answer["DBParameterGroup"]["DBParameterGroupArn"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        rds = context.client("rds")
        self._set(rds, physical.id, new)
        _retag(rds, physical.attributes["DBParameterGroupArn"], old, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("rds").delete_db_parameter_group(DBParameterGroupName=physical.id)

    def _set(self, rds: Any, name: str, properties: Properties) -> None:
        parameters = [
            {"ParameterName": key, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
            for key, value in (properties.get("Parameters") or {}).items()
        ]
        for first in range(0, len(parameters), 20):  # the API takes twenty at a time
            rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters[first : first + 20])


class Instance(Handler):
    type = "AWS::RDS::DBInstance"
    named_by = "DBInstanceIdentifier"

    def find(self, context: Context, name: str, wanted: Mapping[str, Any]) -> tuple[Physical, dict[str, Any]] | None:
        rds = context.client("rds")
        if not _status(rds, name.lower()):
            return None
        shown = rds.describe_db_instances(DBInstanceIdentifier=name.lower())["DBInstances"][0]
        has = {key: shown[key] for key in _MODIFIABLE if key in shown}
        has |= {"Tags": shown.get("TagList", []), "EnableCloudwatchLogsExports": shown.get("EnabledCloudwatchLogsExports", [])}
        has["VPCSecurityGroups"] = [each["VpcSecurityGroupId"] for each in shown["VpcSecurityGroups"]]
        has["EnableIAMDatabaseAuthentication"] = shown.get("IAMDatabaseAuthenticationEnabled", False)
        has["EnablePerformanceInsights"] = shown.get("PerformanceInsightsEnabled", False)
        has["DBParameterGroupName"] = shown["DBParameterGroups"][0]["DBParameterGroupName"]
        has |= {key: wanted[key] for key in ("Port",) if key in wanted}  # a real server keeps the port that was free
        return self._physical(rds, name.lower()), has

    def create(self, context: Context, properties: Properties) -> Physical:
        rds = context.client("rds")
        name = (properties.get("DBInstanceIdentifier") or context.name(63)).lower()
        source = next((property_name for property_name in _SOURCES if property_name in properties), "")
        operation = _SOURCES.get(source, "create_db_instance")
        given = {"DBInstanceIdentifier": name, **_parameters(rds, operation, properties)}
        create: Any = getattr(rds, operation)
        create(**given)
        context.started(name)
        _wait_available(context, name)
        if source:
            late = {key: value for key, value in _modification(properties).items() if key not in given and key != "Tags"}
            rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, **late)
            _wait_available(context, name)
        self._replicate(context, name, properties)
        properties.get("DeleteAutomatedBackups")  # taken into account at deletion
        return self._physical(rds, name)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        rds = context.client("rds")
        before, after = _modification(old), _modification(new)
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        if changed:
            rds.modify_db_instance(DBInstanceIdentifier=physical.id, ApplyImmediately=True, **changed)
            _wait_available(context, physical.id)
        _retag(rds, physical.attributes["DBInstanceArn"], old, new)
        if old.pick(*_REPLICATION) != new.pick(*_REPLICATION):
            self._stop_replication(context, physical, old)
            self._replicate(context, physical.id, new)
        return self._physical(rds, physical.id)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        rds = context.client("rds")
        self._stop_replication(context, physical, properties)
        final: dict[str, Any] = {"SkipFinalSnapshot": True}
        if context.snapshot and "SourceDBInstanceIdentifier" not in properties:
            final = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": context.name(255, lower=True)}
        automated = properties.pick("DeleteAutomatedBackups")
        rds.delete_db_instance(DBInstanceIdentifier=physical.id, **final, **automated)
        context.wait(physical.id, lambda: _status(rds, physical.id) == "")

    def _physical(self, rds: Any, name: str) -> Physical:
        found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        endpoint = found.get("Endpoint", {})
        secret = {"MasterUserSecret.SecretArn": found["MasterUserSecret"]["SecretArn"]} if found.get("MasterUserSecret") else {}
        return Physical(
            name,
            {
                "DBInstanceArn": found["DBInstanceArn"],
                "DbiResourceId": found["DbiResourceId"],
                "Endpoint.Address": endpoint.get("Address", ""),
                "Endpoint.HostedZoneId": endpoint.get("HostedZoneId", ""),
                "Endpoint.Port": str(endpoint.get("Port", "")),
                **secret,
            },
        )

    def _replicate(self, context: Context, name: str, properties: Properties) -> None:
        """Automated backups in a second region: started there, as the API wants it."""
        if "AutomaticBackupReplicationRegion" not in properties:
            return
        arn = context.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceArn"]
        given = properties.pick(
            BackupRetentionPeriod="AutomaticBackupReplicationRetentionPeriod", KmsKeyId="AutomaticBackupReplicationKmsKeyId"
        )
        other = context.client("rds", properties["AutomaticBackupReplicationRegion"])
        other.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn, **given)

    def _stop_replication(self, context: Context, physical: Physical, properties: Properties) -> None:
        if "AutomaticBackupReplicationRegion" in properties and "DBInstanceArn" in physical.attributes:
            other = context.client("rds", properties["AutomaticBackupReplicationRegion"])
            other.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=physical.attributes["DBInstanceArn"])


def _parameters(rds: Any, operation: str, properties: Properties) -> dict[str, Any]:
    """Every property that the creating operation takes, under the API's name and in its type."""
    model = rds.meta.service_model.operation_model(rds.meta.method_to_api_mapping[operation])
    members = model.input_shape.members
    given = properties.pick(*(member for member in members if member not in {"DBInstanceIdentifier", "Tags", *_REPLICATION}))
    if "VPCSecurityGroups" in properties:
        given["VpcSecurityGroupIds"] = properties["VPCSecurityGroups"]
    given["Tags"] = tags(properties)
    return _typed(given, members)


_MODIFIED = {"Port": "DBPortNumber", "VPCSecurityGroups": "VpcSecurityGroupIds"}
_MODIFIABLE = (
    "AllocatedStorage",
    "AllowMajorVersionUpgrade",
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBParameterGroupName",
    "DatabaseInsightsMode",
    "DedicatedLogVolume",
    "DeletionProtection",
    "Domain",
    "DomainIAMRoleName",
    "EnableIAMDatabaseAuthentication",
    "EnablePerformanceInsights",
    "EngineVersion",
    "Iops",
    "LicenseModel",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "MultiAZ",
    "NetworkType",
    "OptionGroupName",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
)
_INTEGERS = {"AllocatedStorage", "DBPortNumber", "Port"}
"""Text in a template's schema, numbers in the API."""


def _modification(properties: Properties) -> dict[str, Any]:
    given = properties.pick(*_MODIFIABLE)
    given |= {parameter: properties[name] for name, parameter in _MODIFIED.items() if name in properties}
    if "EnableCloudwatchLogsExports" in properties:
        given["CloudwatchLogsExportConfiguration"] = {"EnableLogTypes": properties["EnableCloudwatchLogsExports"]}
    return {name: int(value) if name in _INTEGERS else value for name, value in given.items()}


def _typed(given: dict[str, Any], members: Any) -> dict[str, Any]:
    return {name: int(value) if members[name].type_name == "integer" else value for name, value in given.items()}


def _status(rds: Any, name: str) -> str:
    try:
        return str(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"])
    except ClientError as error:
        if gone(error):
            return ""
        raise


def _wait_available(context: Context, name: str) -> None:
    rds = context.client("rds")

    def available() -> bool:
        status = _status(rds, name)
        if not status or status in STUCK:
            raise ResourceFailed(f"DB instance {name} is {status or 'gone'}")
        return status in OPERATIONAL

    context.wait(name, available)


def _retag(rds: Any, arn: str, old: Properties, new: Properties) -> None:
    if stale := [tag["Key"] for tag in tags(old)]:
        rds.remove_tags_from_resource(ResourceName=arn, TagKeys=stale)
    if labels := tags(new):
        rds.add_tags_to_resource(ResourceName=arn, Tags=labels)

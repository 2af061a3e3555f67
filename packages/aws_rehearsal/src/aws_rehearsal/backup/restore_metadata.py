"""The keys of restore metadata that AWS Backup documents for each type of resource; in lower case, as AWS reads them in any case.

Two documents speak of RDS: "Restore an RDS database" points to the parameters of RestoreDBInstanceFromDBSnapshot, and "Restore
testing inferred metadata" lists keys by name. Only what both have is taken here, so that nothing leans on the wider reading.
"""

from __future__ import annotations

NAME = {"RDS": "dbInstanceIdentifier", "DynamoDB": "targetTableName"}
"""The key that says what the restored resource is called."""
INFERRED = {
    "RDS": {"deletionProtection": "false", "multiAz": "false", "publiclyAccessible": "false"},
    "DynamoDB": {"deletionProtection": "false", "encryptionType": "Default"},
}
"""What a restore test gives by itself, beside a name."""
_RDS = "allocatedStorage availabilityZones dbInstanceClass dbName dbParameterGroupName dbSubnetGroupName domain domainIamRoleName"
_RDS += " enableCloudwatchLogsExports enableIamDatabaseAuthentication iops licensemodel multiAz optionGroupName port"
_RDS += " processorFeatures publiclyAccessible storageType vpcSecurityGroupIds"
OVERRIDABLE = {
    "RDS": frozenset(_RDS.lower().split()),
    "DynamoDB": frozenset({"encryptiontype", "kmsmasterkeyarn"}),
}
"""What a restore test's selection may say instead."""
INFORMATION_ONLY = frozenset({"engineversion", "kmskeyid", "encrypted", "vpcid"})
"""RDS: shown, taken, and ignored ("Restore an RDS database")."""


def _documented(kind: str) -> frozenset[str]:
    return OVERRIDABLE[kind] | {key.lower() for key in (*INFERRED[kind], NAME[kind])}


RESTORE_METADATA = {
    "RDS": _documented("RDS") | INFORMATION_ONLY,
    "DynamoDB": _documented("DynamoDB") | {"aws:backup:request-id"},
}
"""What StartRestoreJob takes."""

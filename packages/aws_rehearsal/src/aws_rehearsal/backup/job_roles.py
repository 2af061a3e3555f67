"""The role of a job: AWS Backup must be able to assume it, and it must be allowed what AWS Backup does as it.

"Access control" and "AWS managed policies for AWS Backup" (AWS Backup Developer Guide): what the roles are for, and what AWS's
own policies for them allow. Whoever asks for the job needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from aws_rehearsal.backup import names
from aws_rehearsal.backup.capture_rds import restore_parameters
from aws_rehearsal.backup.core import Core
from aws_rehearsal.backup.records import BackupJob, CopyJob, Job, JobFailedError, RecoveryPoint, RestoreJob
from aws_rehearsal.iam import principals
from aws_rehearsal.iam.decisions import Decision

SERVICE = "backup.amazonaws.com"


class Asked(NamedTuple):
    """A request that AWS Backup makes as the role."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str


class JobRoles(Core):
    def may_back_up(self, job: BackupJob) -> None:
        """JobFailedError where the role may not; so in the others."""
        asked = []
        if job.resource_type == "RDS":
            identifier = f"awsbackup:job-{job.job_id.lower()}"
            given = {"DBInstanceIdentifier": job.resource_name, "DBSnapshotIdentifier": identifier}
            asked.append(Asked("rds", "CreateDBSnapshot", given, job.region))
        elif not self.books(job.region).managed.get("DynamoDB"):
            given = {"TableName": job.resource_name, "BackupName": job.job_id}
            self._judge(job, Asked("dynamodb", "CreateBackup", given, job.region))
            return
        self._judge(job, *asked, of_role=Asked("backup", "StartBackupJob", {"ResourceArn": job.resource_arn}, job.region))

    def may_copy(self, job: CopyJob, point: RecoveryPoint, key: str | None) -> None:
        """`key` is that of the destination vault."""
        asked = []
        if job.resource_type == "RDS":
            given = {
                "SourceDBSnapshotIdentifier": point.recovery_point_arn,
                "TargetDBSnapshotIdentifier": f"awsbackup:copyjob-{job.job_id.lower()}",
                "KmsKeyId": key,
                "SourceRegion": job.region,
            }
            asked.append(Asked("rds", "CopyDBSnapshot", given, names.region_of(job.destination_backup_vault_arn)))
        given = {
            "RecoveryPointArn": point.recovery_point_arn,
            "DestinationBackupVaultArn": job.destination_backup_vault_arn,
        }
        self._judge(job, *asked, of_role=Asked("backup", "StartCopyJob", given, job.region))

    def may_restore(self, job: RestoreJob, point: RecoveryPoint) -> None:
        """A restore without a role is AWS Backup's own."""
        asked = []
        if job.resource_type == "RDS":
            given = restore_parameters(job.metadata) | {"DBSnapshotIdentifier": names.name_of(point.recovery_point_arn)}
            asked.append(Asked("rds", "RestoreDBInstanceFromDBSnapshot", given, job.region))
        given = {"RecoveryPointArn": point.recovery_point_arn, "Metadata": job.metadata}
        self._judge(job, *asked, of_role=Asked("backup", "StartRestoreJob", given, job.region))

    def _judge(self, job: Job, *asked: Asked, of_role: Asked | None = None) -> None:
        role = job.iam_role_arn
        if not role:
            return
        guard = self.cloud.guard
        service = principals.service(SERVICE, source_account=self.account)
        session = guard.assume(role, service, session=f"AWSBackup-{role.rsplit('/', 1)[-1]}", region=job.region)
        if isinstance(session, Decision):
            raise JobFailedError(f"IAM Role {role} cannot be assumed by AWS Backup")
        denied = [guard.refused(session, *each) for each in asked]
        if of_role is not None:
            given = {**of_role.parameters, "IamRoleArn": role}
            denied.append(guard.refused_as_role(session, of_role.service, of_role.operation, given, of_role.region))
        for each in denied:
            if each is not None:
                raise JobFailedError(each.sentence)

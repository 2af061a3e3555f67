"""What AWS Backup tells EventBridge: state changes of jobs and recovery points, in the words of AWS's events.

Each event is delivered by an appointment of its own, so a delivery that fails cannot break the job it tells of; it is
counted, and the clock raises its error to whoever drives it. (Real AWS delivers best effort, some minutes late; and refuses
`aws.*` as a source of PutEvents, which the embedded one does not.)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_rehearsal.backup.records import BackupJob, CopyJob, Job, RecoveryPoint, RestoreJob
from aws_rehearsal.gateway import OF_AWS

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_JOB = {"BackupSizeInBytes", "CompletionDate", "CreatedBy", "CreationDate", "IamRoleArn", "PercentDone"}
_JOB |= {"ResourceArn", "ResourceType", "State", "StatusMessage"}
_BACKUP = _JOB | {"BackupJobId", "BackupVaultArn", "BackupVaultName", "ExpectedCompletionDate", "StartBy"}
_COPY = _JOB | {"CopyJobId", "CreatedByBackupJobId", "DestinationBackupVaultArn", "DestinationRecoveryPointArn"}
_COPY |= {"SourceBackupVaultArn", "SourceRecoveryPointArn"}
# `status`, where the other jobs have a `state`
_RESTORE = _JOB - {"CreatedBy"} | {"CreatedResourceArn", "RecoveryPointArn", "RestoreJobId", "SourceResourceArn", "Status"}
_POINT = {"BackupSizeInBytes", "BackupVaultArn", "BackupVaultName", "CompletionDate", "CreatedBy", "CreationDate"}
_POINT |= {"EncryptionKeyArn", "IamRoleArn", "IsEncrypted", "Lifecycle", "ResourceArn", "ResourceType", "Status"}
_DETAIL: dict[type, tuple[str, set[str]]] = {
    BackupJob: ("Backup Job State Change", _BACKUP),
    CopyJob: ("Copy Job State Change", _COPY),
    RestoreJob: ("Restore Job State Change", _RESTORE),
    RecoveryPoint: ("Recovery Point State Change", _POINT),
}


class Events:
    """Publisher of one cloud; `undelivered` counts the events EventBridge did not take."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.undelivered = 0
        self.told: list[Callable[[str, Job | RecoveryPoint], None]] = []
        """Who else is told of each change, with its region: the metrics."""

    def publish(self, region: str, subject: Job | RecoveryPoint) -> None:
        for tell in self.told:
            tell(region, subject)
        detail_type, names = _DETAIL[type(subject)]
        described = subject.describe()
        detail = {_camel(name): described[name] for name in sorted(names & described.keys())}
        if isinstance(subject, RestoreJob) and subject.testing_plan_arn:
            detail["restoreTestingPlanArn"] = subject.testing_plan_arn
        entry = {
            "Source": "aws.backup",
            "DetailType": detail_type,
            "Resources": [_about(subject)],
            "Detail": json.dumps(detail, default=_text),
            "Time": self._cloud.clock.now(),
        }
        self._cloud.clock.call_after(timedelta(0), lambda: self._deliver(region, entry))

    def _deliver(self, region: str, entry: dict[str, Any]) -> None:
        if region in self._cloud.gateway.lost_regions:
            return  # nobody is left to tell
        try:
            answer = self._cloud.client("events", region, mark=OF_AWS).put_events(Entries=[entry])
            if answer["FailedEntryCount"]:
                raise RuntimeError(f"EventBridge refused {entry['DetailType']}: {answer['Entries']}")
        except Exception:
            self.undelivered += 1
            raise


def _about(subject: Job | RecoveryPoint) -> str:
    """The ARN an event names as its resource: the recovery point where there is one."""
    match subject:
        case BackupJob(recovery_point_arn=str(arn)) | CopyJob(destination_recovery_point_arn=str(arn)):
            return arn
        case RestoreJob() | RecoveryPoint():
            return subject.recovery_point_arn
        case _:
            return subject.resource_arn


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"an event cannot carry {type(value).__name__}")

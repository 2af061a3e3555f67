"""What AWS Backup needs to know of a kind of resource to protect it: the contract of `ProtectedRds` and `ProtectedDynamoDb`.

Implementations do their work through the cloud's AWS API and their region's directory, never through shared memory: what they
captured must survive the source, and be gone with its region. A failure that ends the job is a JobFailedError or botocore's
ClientError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from aws_rehearsal.backup.records import BackupJob, Capture, CopyJob, RecoveryPoint, RestoreJob, Vault


class Protected(Protocol):
    """One kind of resource."""

    type_name: str
    """`RDS` or `DynamoDB`."""

    def capture(self, region: str, job: BackupJob, vault: Vault) -> Capture:
        """Take the data, physically, as it is at this moment."""

    def copy(self, point: RecoveryPoint, job: CopyJob, vault: Vault) -> str:
        """Make a physically separate copy for a vault of any region, and return its recovery point ARN."""

    def is_ready(self, recovery_point_arn: str) -> bool:
        """Whether a capture or copy is complete on its own service's side."""

    def delete(self, recovery_point_arn: str) -> bool:
        """Delete a recovery point's data; False while it cannot be deleted yet. Already gone is no error."""

    def begin_restore(self, point: RecoveryPoint, job: RestoreJob, tags: dict[str, str]) -> None:
        """Check the metadata and start."""

    def finish_restore(self, point: RecoveryPoint, job: RestoreJob) -> str | None:
        """The ARN of the restored resource once it can be used; None while it cannot."""

    def delete_restored(self, resource_arn: str) -> None:
        """Delete what a restore test made."""

    def resources(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Every resource of this kind in the region, with its tags."""

"""Backup vaults: their key, lock, access policy and notifications.

Access policies are recorded and returned, never enforced. A lock is enforced: on retention, and on deletion. Notifications
are recorded; what happens is told through EventBridge.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from aws_rehearsal import keys
from aws_rehearsal.backup import names
from aws_rehearsal.backup.core import Core
from aws_rehearsal.backup.listing import page
from aws_rehearsal.backup.records import LONGEST_RETENTION_DAYS, Vault
from aws_rehearsal.service import ServiceError

_NAME = re.compile(r"^[a-zA-Z0-9\-_]{2,50}$")
_MINIMUM_GRACE_DAYS = 3


class VaultOperations(Core):
    def create_backup_vault(
        self,
        region: str,
        *,
        BackupVaultName: str,
        BackupVaultTags: dict[str, str] | None = None,
        EncryptionKeyArn: str | None = None,
        CreatorRequestId: str | None = None,
    ) -> dict[str, Any]:
        books = self.books(region)
        if not _NAME.match(BackupVaultName):
            raise ServiceError("InvalidParameterValueException", f"Invalid backup vault name: {BackupVaultName}")
        if BackupVaultName in books.vaults:
            raise ServiceError("AlreadyExistsException", f"Backup vault with the same name already exists: {BackupVaultName}")
        vault = Vault(
            backup_vault_name=BackupVaultName,
            backup_vault_arn=names.vault_arn(region, self.account, BackupVaultName),
            creation_date=self.clock.now(),
            encryption_key_arn=EncryptionKeyArn or keys.make_managed(region, self.account),
            encryption_key_type="CUSTOMER_MANAGED_KMS_KEY" if EncryptionKeyArn else "AWS_OWNED_KMS_KEY",
            creator_request_id=CreatorRequestId,
        )
        books.vaults[BackupVaultName] = vault
        books.tags[vault.backup_vault_arn] = BackupVaultTags or {}
        return vault.describe()

    def describe_backup_vault(self, region: str, *, BackupVaultName: str, **_: Any) -> dict[str, Any]:
        return self.vault(region, BackupVaultName).describe()

    def list_backup_vaults(self, region: str, *, ByVaultType: str = "BACKUP_VAULT", **parameters: Any) -> dict[str, Any]:
        found = [each.describe() for each in self.books(region).vaults.values() if each.vault_type == ByVaultType]
        return page("BackupVaultList", sorted(found, key=lambda each: str(each["BackupVaultName"])), parameters)

    def delete_backup_vault(self, region: str, *, BackupVaultName: str) -> None:
        vault = self.vault(region, BackupVaultName)
        if vault.points:
            raise ServiceError(
                "InvalidRequestException", f"Backup vault cannot be deleted (contains recovery points): {BackupVaultName}"
            )
        del self.books(region).vaults[BackupVaultName]
        self.books(region).tags.pop(vault.backup_vault_arn, None)

    # ------------------------------------------------------------------ access policy
    def put_backup_vault_access_policy(self, region: str, *, BackupVaultName: str, Policy: str | None = None) -> None:
        self.vault(region, BackupVaultName).access_policy = Policy

    def get_backup_vault_access_policy(self, region: str, *, BackupVaultName: str) -> dict[str, Any]:
        vault = self.vault(region, BackupVaultName)
        if vault.access_policy is None:
            raise ServiceError("ResourceNotFoundException", f"Backup vault {BackupVaultName} has no access policy")
        return vault.describe() | {"Policy": vault.access_policy}

    def delete_backup_vault_access_policy(self, region: str, *, BackupVaultName: str) -> None:
        self.vault(region, BackupVaultName).access_policy = None

    # ------------------------------------------------------------------ lock
    def put_backup_vault_lock_configuration(
        self,
        region: str,
        *,
        BackupVaultName: str,
        MinRetentionDays: int | None = None,
        MaxRetentionDays: int | None = None,
        ChangeableForDays: int | None = None,
    ) -> None:
        """Without ChangeableForDays the lock can be taken off again (governance); with it, only until its date (compliance).

        API_PutBackupVaultLockConfiguration: on and after the lock date it can be neither changed nor deleted.
        """
        vault = self._changeable(region, BackupVaultName)
        if ChangeableForDays is not None and not _MINIMUM_GRACE_DAYS <= ChangeableForDays <= LONGEST_RETENTION_DAYS:
            raise ServiceError(
                "InvalidParameterValueException", f"ChangeableForDays must be at least 3 and at most {LONGEST_RETENTION_DAYS}"
            )
        least = 1 if MinRetentionDays is None else MinRetentionDays
        most = LONGEST_RETENTION_DAYS if MaxRetentionDays is None else MaxRetentionDays
        if not 1 <= least <= most <= LONGEST_RETENTION_DAYS:
            raise ServiceError(
                "InvalidParameterValueException",
                f"1 <= MinRetentionDays ({MinRetentionDays}) <= MaxRetentionDays ({MaxRetentionDays}) <= 36500 does not hold",
            )
        vault.locked = True
        vault.min_retention_days, vault.max_retention_days = MinRetentionDays, MaxRetentionDays
        vault.lock_date = None
        if ChangeableForDays is not None:
            vault.lock_date = self.clock.now() + timedelta(days=ChangeableForDays)

    def delete_backup_vault_lock_configuration(self, region: str, *, BackupVaultName: str) -> None:
        vault = self._changeable(region, BackupVaultName)
        vault.locked = False
        vault.min_retention_days = vault.max_retention_days = vault.lock_date = None

    def _changeable(self, region: str, name: str) -> Vault:
        vault = self.vault(region, name)
        if vault.lock_date is not None and vault.lock_date <= self.clock.now():
            raise ServiceError("InvalidRequestException", f"The lock of backup vault {name} is immutable since {vault.lock_date}")
        return vault

    # ------------------------------------------------------------------ notifications
    def put_backup_vault_notifications(
        self, region: str, *, BackupVaultName: str, SNSTopicArn: str, BackupVaultEvents: list[str]
    ) -> None:
        vault = self.vault(region, BackupVaultName)
        vault.notifications = {"SNSTopicArn": SNSTopicArn, "BackupVaultEvents": BackupVaultEvents}

    def get_backup_vault_notifications(self, region: str, *, BackupVaultName: str) -> dict[str, Any]:
        vault = self.vault(region, BackupVaultName)
        if vault.notifications is None:
            raise ServiceError("ResourceNotFoundException", f"Backup vault {BackupVaultName} has no notifications")
        return vault.describe() | vault.notifications

    def delete_backup_vault_notifications(self, region: str, *, BackupVaultName: str) -> None:
        self.vault(region, BackupVaultName).notifications = None

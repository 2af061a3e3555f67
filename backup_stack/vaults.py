"""The two vaults that every region has from the start, so that a swap of the regions replaces neither.

A vault's name and key can only be set when it is made. The copy vault always has a key of our own: copies of RDS snapshots
cannot be encrypted with AWS Backup's managed key.
"""

from __future__ import annotations

from collections.abc import Callable

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_backup import BackupVault, LockConfiguration
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from constructs import Construct

from backup_stack.keys import LastingKey
from backup_stack.vault_policy import vault_policy
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.backup_plan import Lock


class Vaults(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        self._strategy = strategy
        self._region = region
        own = self._key("BackupKey", "backups", names.backup_vault) if strategy.vault.key == "customer-managed" else None
        self.backup = self._vault("Backup", names.backup_vault(strategy.prefix), own)
        copies = self._key("CopyKey", "copies", names.copy_vault)
        self.copy = self._vault("Copy", names.copy_vault(strategy.prefix), copies)

    def _vault(self, construct_id: str, name: str, key: LastingKey | None) -> BackupVault:
        return BackupVault(
            self,
            construct_id,
            backup_vault_name=name,
            encryption_key=key,
            access_policy=vault_policy(self._strategy, self._region),
            lock_configuration=_lock(self._strategy.vault.lock),
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _key(self, construct_id: str, purpose: str, vault: Callable[[str], str]) -> LastingKey:
        key = LastingKey(
            self,
            construct_id,
            strategy=self._strategy,
            region=self._region,
            purpose=purpose,
            description=f"Encrypts what is in {vault(self._strategy.prefix)}; without it nothing there can be restored",
        )
        key.add_to_resource_policy(
            PolicyStatement(
                sid="AwsBackupUsesThisKey",
                principals=[ServicePrincipal("backup.amazonaws.com")],
                actions=[
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=["*"],  # in a key policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": self._strategy.account}},
            )
        )
        return key


def _lock(lock: Lock) -> LockConfiguration | None:
    """Governance without a grace, compliance with one: the grace is what makes a lock irreversible when it ends."""
    if lock.min_keep is None or lock.max_keep is None:
        return None
    return LockConfiguration(
        min_retention=Duration.days(lock.min_keep.days),
        max_retention=Duration.days(lock.max_keep.days),
        changeable_for=Duration.days(lock.grace.days) if lock.grace else None,
    )

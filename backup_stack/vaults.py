"""The two vaults that every region has from the start, so that a swap of the regions replaces neither.

A vault's name and key can only be set when it is made. The copy vault always has a key of our own: copies of RDS snapshots
cannot be encrypted with AWS Backup's managed key.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_kms import Key
from constructs import Construct

from strategy import naming


class Vaults(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, prefix: str, account: str) -> None:
        super().__init__(scope, construct_id)
        self.backup = BackupVault(
            self, "Backup", backup_vault_name=naming.backup_vault(prefix), removal_policy=RemovalPolicy.RETAIN
        )
        key = Key(
            self,
            "CopyKey",
            description=f"Encrypts the copies in {naming.copy_vault(prefix)}; without it they cannot be restored",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        key.add_to_resource_policy(
            PolicyStatement(
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
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
        self.copy = BackupVault(
            self,
            "Copy",
            backup_vault_name=naming.copy_vault(prefix),
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN,
        )

"""ReadReplicaStack: a running MySQL replica in the recovery region, where the strategy asks for one.

A stack of its own, deployed after the primary's: it is the one thing in the recovery region that cannot be made without the
primary. Once made, it can be promoted without it.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnDeletionPolicy
from aws_cdk.aws_rds import CfnDBInstance
from aws_cdk.aws_ssm import StringParameter

from components import stores
from components.acknowledge import acknowledge
from components.network import Network
from components.regional_stack import RegionalStack
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import MySqlStore

_ENCRYPTED = "Inherited from the instance it replicates; RDS refuses the property here"
_LOGS = "What it would log is the instance's, which logs it; once promoted, it is deployed as a store"
_REASONS = {
    "AwsSolutions-RDS11": "Two security groups can reach it; another port would hide it from nobody",
    "AwsSolutions-RDS2": _ENCRYPTED,
    "NIST.800.53.R5-RDSEnhancedMonitoringEnabled": "The alarms read CloudWatch's metrics, which need no agent",
    "NIST.800.53.R5-RDSInBackupPlan": "A replica is not backed up: its source is, and its copies reach this region",
    "NIST.800.53.R5-RDSStorageEncrypted": _ENCRYPTED,
    **{f"NIST.800.53.R5-RDSLoggingEnabled[LogExport::{log}]": _LOGS for log in ("audit", "error", "general", "slowquery")},
}


class ReadReplicaStack(RegionalStack):
    @staticmethod
    def wanted(strategy: Strategy) -> bool:
        return bool(_replicated(strategy))

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, kind="read-replica", **properties)
        strategy, network = self.strategy, Network(self, prefix=self.strategy.prefix)
        key = StringParameter.value_for_string_parameter(self, names.replicated_backups_key(strategy.prefix))
        for store in _replicated(strategy):
            replica = CfnDBInstance(
                self,
                stores.construct_id(store),
                db_instance_identifier=names.read_replica(strategy.prefix, store.name),
                source_db_instance_identifier=stores.arn(strategy, store, self.other_region),
                source_region=self.other_region,
                db_instance_class=store.instance_class,
                storage_type="gp3",
                kms_key_id=key,
                multi_az=store.multi_az,
                publicly_accessible=False,
                db_subnet_group_name=names.subnet_group(strategy.prefix),
                db_parameter_group_name=names.parameter_group(strategy.prefix),
                vpc_security_groups=[network.database_security_group],
                enable_iam_database_authentication=True,
                # Protected from the moment it is promoted, not from the next deployment after.
                backup_retention_period=store.point_in_time.days,
                preferred_backup_window=store.backup_window,
                preferred_maintenance_window=store.maintenance_window,
                copy_tags_to_snapshot=True,
                delete_automated_backups=False,
                deletion_protection=True,
                auto_minor_version_upgrade=True,
            )
            acknowledge(replica, _REASONS)
            replica.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
            replica.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN


def _replicated(strategy: Strategy) -> list[MySqlStore]:
    return [store for store in strategy.stores if isinstance(store, MySqlStore) and store.read_replica]

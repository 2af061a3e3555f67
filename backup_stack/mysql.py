"""The MySQL instance and its native point-in-time recovery, in whichever region is the primary."""

from __future__ import annotations

from collections.abc import Callable

from aws_cdk import CfnDeletionPolicy, RemovalPolicy, SecretValue
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_rds import CfnDBInstance
from constructs import Construct

from components.acknowledge import PLAIN_LOGS, acknowledge
from components.network import Network
from components.stores import adopted_suffix, physical_name
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import MySqlStore


def instance(
    scope: Construct,
    *,
    strategy: Strategy,
    store: MySqlStore,
    network: Network,
    login: Callable[[str], SecretValue],
    received_key: str | None,
) -> CfnDBInstance:
    """`login`: a value of the master user's secret. `received_key`: ARN of the recovery region's key for replicated backups."""
    name = physical_name(strategy, store)
    # RDS would make it itself, and keep it for ever. For a restored instance it has, and CloudFormation takes over nothing that
    # the template does not retain.
    errors = LogGroup(
        scope,
        f"Errors{adopted_suffix(store)}",
        log_group_name=names.log_group("rds/instance", f"{name}/error"),
        retention=RetentionDays.ONE_YEAR,
        removal_policy=RemovalPolicy.RETAIN,
    )
    acknowledge(errors, PLAIN_LOGS)
    made = CfnDBInstance(
        scope,
        f"Instance{adopted_suffix(store)}",
        db_instance_identifier=name,
        engine="mysql",
        engine_version=store.engine_version,
        db_instance_class=store.instance_class,
        allocated_storage=str(store.allocated_storage_gb),
        storage_type="gp3",
        storage_encrypted=True,
        multi_az=store.multi_az,
        publicly_accessible=False,
        db_subnet_group_name=names.subnet_group(strategy.prefix),
        db_parameter_group_name=names.parameter_group(strategy.prefix),
        vpc_security_groups=[network.database_security_group],
        # Dynamic references: CloudFormation reads the secret when it deploys, the template never holds it.
        master_username=login("username").unsafe_unwrap(),
        master_user_password=login("password").unsafe_unwrap(),
        enable_iam_database_authentication=True,
        backup_retention_period=store.point_in_time.days,
        preferred_backup_window=store.backup_window,
        preferred_maintenance_window=store.maintenance_window,
        copy_tags_to_snapshot=True,
        delete_automated_backups=False,
        deletion_protection=True,
        auto_minor_version_upgrade=True,
        enable_cloudwatch_logs_exports=["error"],
    )
    made.node.add_dependency(errors)
    if store.replicated_backups:
        made.automatic_backup_replication_region = strategy.regions.recovery
        made.automatic_backup_replication_kms_key_id = received_key
        made.automatic_backup_replication_retention_period = store.replicated_backups_keep.days
    made.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
    made.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    customers = "It would carry customers' data out of the database, in clear"
    logs = "NIST.800.53.R5-RDSLoggingEnabled[LogExport::{}]"
    acknowledge(
        made,
        {
            "AwsSolutions-RDS11": "Two security groups can reach it; another port would hide it from nobody",
            "CloudFormation-Validate::E9006": "RDS upgrades the minor version; the next deployment would undo a pinned one",
            "NIST.800.53.R5-RDSEnhancedMonitoringEnabled": "The alarms read CloudWatch's metrics, which need no agent",
            "NIST.800.53.R5-RDSInBackupPlan": "The plan selects it by ARN, which the check cannot read; a test compares them",
            **{logs.format(log): customers for log in ("audit", "general", "slowquery")},
        },
    )
    return made

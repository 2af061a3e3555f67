"""The MySQL instance, its native point-in-time recovery, and the credentials of its master user and of the services.

The credentials are a secret of our own, replicated: passwords that RDS manages itself forbid read replicas and are not
offered at restore.
"""

from __future__ import annotations

import json

from aws_cdk import CfnDeletionPolicy, RemovalPolicy
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_rds import CfnDBInstance
from aws_cdk.aws_secretsmanager import ReplicaRegion, Secret, SecretStringGenerator
from constructs import Construct

from components.acknowledge import PLAIN_LOGS, acknowledge
from components.network import Network
from components.stores import adopted_suffix, physical_name
from strategy import Strategy, naming
from strategy.model import MySqlStore

MASTER_USER = "admin"
_EVERY_RESTORE = "Every restore resets the password from this secret; a rotation in one region would not reach the other"
_SECRET = {
    "AwsSolutions-SMG4": _EVERY_RESTORE,
    "NIST.800.53.R5-SecretsManagerRotationEnabled": _EVERY_RESTORE,
    "NIST.800.53.R5-SecretsManagerUsingKMSKey": "Each region's own key opens its replica; none of ours can be lost with a region",
}


class MySql(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        store: MySqlStore,
        network: Network,
        received_key: str | None,
    ) -> None:
        """`received_key`: ARN of the recovery region's key for replicated backups."""
        super().__init__(scope, construct_id)
        secret = Login(
            self,
            "Master",
            strategy=strategy,
            name=naming.database_secret(strategy.prefix, store.name),
            user=MASTER_USER,
            whose=f"Master user of {naming.store(strategy.prefix, store.name)}",
        )
        for service in strategy.services_of(store.name):
            Login(
                self,
                f"{service.name.title().replace('-', '')}Service",
                strategy=strategy,
                name=naming.service_secret(strategy.prefix, store.name, service.name),
                user=naming.service_user(service.name),
                whose=f"The {service.name} service in {naming.store(strategy.prefix, store.name)}",
            )
        name = physical_name(strategy, store)
        # RDS would make it itself, and keep it for ever.
        errors = LogGroup(
            self,
            f"Errors{adopted_suffix(store)}",
            log_group_name=naming.log_group("rds/instance", f"{name}/error"),
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(errors, PLAIN_LOGS)
        self.instance = CfnDBInstance(
            self,
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
            db_subnet_group_name=naming.subnet_group(strategy.prefix),
            db_parameter_group_name=naming.parameter_group(strategy.prefix),
            vpc_security_groups=[network.database_security_group],
            # Dynamic references: CloudFormation reads the secret when it deploys, the template never holds it.
            master_username=secret.secret_value_from_json("username").unsafe_unwrap(),
            master_user_password=secret.secret_value_from_json("password").unsafe_unwrap(),
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
        self.instance.node.add_dependency(errors)
        if store.replicated_backups:
            self.instance.automatic_backup_replication_region = strategy.regions.recovery
            self.instance.automatic_backup_replication_kms_key_id = received_key
            self.instance.automatic_backup_replication_retention_period = store.replicated_backups_keep.days
        self.instance.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
        self.instance.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        customers = "It would carry customers' data out of the database, in clear"
        logs = "NIST.800.53.R5-RDSLoggingEnabled[LogExport::{}]"
        acknowledge(
            self.instance,
            {
                "AwsSolutions-RDS11": "Two security groups can reach it; another port would hide it from nobody",
                "CloudFormation-Validate::E9006": "RDS upgrades the minor version; the next deployment would undo a pinned one",
                "NIST.800.53.R5-RDSEnhancedMonitoringEnabled": "The alarms read CloudWatch's metrics, which need no agent",
                "NIST.800.53.R5-RDSInBackupPlan": "The plan selects it by ARN, which the check cannot read; a test compares them",
                **{logs.format(log): customers for log in ("audit", "general", "slowquery")},
            },
        )


class Login(Secret):
    """A database user's name and generated password, in both regions: every restore resets the password from it."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, name: str, user: str, whose: str) -> None:
        super().__init__(
            scope,
            construct_id,
            secret_name=name,
            description=whose,
            generate_secret_string=SecretStringGenerator(
                secret_string_template=json.dumps({"username": user}),
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,  # RDS refuses / @ " and spaces
            ),
            replica_regions=[ReplicaRegion(region=strategy.regions.recovery)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(self, _SECRET)

"""The MySQL instance, its native point-in-time recovery, and the credentials of its master user.

The credentials are a secret of our own, replicated: passwords that RDS manages itself forbid read replicas and are not
offered at restore.
"""

from __future__ import annotations

import json

from aws_cdk import Acknowledgment, CfnDeletionPolicy, RemovalPolicy, Validations
from aws_cdk.aws_rds import CfnDBInstance
from aws_cdk.aws_secretsmanager import ReplicaRegion, Secret, SecretStringGenerator
from constructs import Construct

from components.network import Network
from strategy import Strategy, naming
from strategy.model import MySqlStore

MASTER_USER = "admin"


class MySql(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, store: MySqlStore, network: Network) -> None:
        super().__init__(scope, construct_id)
        secret = Secret(
            self,
            "Master",
            secret_name=naming.database_secret(strategy.prefix, store.name),
            description=f"Master user of {naming.store(strategy.prefix, store.name)}",
            generate_secret_string=SecretStringGenerator(
                secret_string_template=json.dumps({"username": MASTER_USER}),
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,  # RDS refuses / @ " and spaces
            ),
            replica_regions=[ReplicaRegion(region=strategy.regions.recovery)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.instance = CfnDBInstance(
            self,
            "Instance",
            db_instance_identifier=naming.store(strategy.prefix, store.name),
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
        )
        self.instance.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
        self.instance.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        Validations.of(self.instance).acknowledge(
            Acknowledgment(
                id="CloudFormation-Validate::E9006",
                reason="A major version: RDS upgrades the minor one, and the next deploy would undo it if it were pinned",
            )
        )

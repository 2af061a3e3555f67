"""Where a MySQL store lives and how it is set: by name, so that a restore job can ask for them."""

from __future__ import annotations

from aws_cdk.aws_rds import CfnDBParameterGroup, CfnDBSubnetGroup
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import MySqlStore


class DatabaseSettings(Construct):
    """Subnet groups and parameter group of the MySQL stores, and of what drills make of them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, subnets: list[str], drill_subnets: list[str]
    ) -> None:
        super().__init__(scope, construct_id)
        CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_name=names.subnet_group(strategy.prefix),
            db_subnet_group_description="Isolated subnets of the data stores",
            subnet_ids=subnets,
        )
        CfnDBSubnetGroup(
            self,
            "DrillSubnets",
            db_subnet_group_name=names.drill_subnet_group(strategy.prefix),
            db_subnet_group_description="Isolated subnets of what drills restore",
            subnet_ids=drill_subnets,
        )
        mysql = next((store for store in strategy.stores if isinstance(store, MySqlStore)), None)
        if mysql is not None:
            CfnDBParameterGroup(
                self,
                "Parameters",
                db_parameter_group_name=names.parameter_group(strategy.prefix),
                description="MySQL that refuses unencrypted connections",
                family=f"mysql{'.'.join(mysql.engine_version.split('.')[:2])}",
                parameters={"require_secure_transport": "1"},
            )

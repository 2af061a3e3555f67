"""Redis: a cache of what MySQL and DynamoDB hold, in two zones. It fills itself again, so nothing of it is backed up."""

from __future__ import annotations

from aws_cdk.aws_elasticache import CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from components.acknowledge import acknowledge
from dr_stack.standby.network import StandbyNetwork
from strategy import Strategy
from strategy.catalogue import names

_PORT = 6379
_NODE = {True: "cache.t4g.small", False: "cache.t4g.micro"}
"""By whether it is production's."""


class CacheSettings(Construct):
    """Where a cache lives and how it is set; costs nothing."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, network: StandbyNetwork) -> None:
        super().__init__(scope, construct_id)
        self.subnets = CfnSubnetGroup(
            self,
            "Subnets",
            cache_subnet_group_name=names.cache(strategy.prefix),
            description="Subnets of Redis: those of the services",
            subnet_ids=network.private.subnet_ids,
        )
        self.parameters = CfnParameterGroup(
            self,
            "Parameters",
            cache_parameter_group_family="redis7",
            description="Redis that forgets what was used least",
            properties={"maxmemory-policy": "allkeys-lru"},
        )


class Cache(Construct):
    """The running replication group: a primary and a replica, each in a zone of its own, with failover between them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, network: StandbyNetwork, settings: CacheSettings
    ) -> None:
        super().__init__(scope, construct_id)
        group = CfnReplicationGroup(
            self,
            "Redis",
            replication_group_id=names.cache(strategy.prefix),
            replication_group_description="Cache of the services",
            engine="redis",
            engine_version="7.1",
            cache_node_type=_NODE[strategy.production],
            num_cache_clusters=2,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            port=_PORT,
            cache_subnet_group_name=settings.subnets.ref,
            cache_parameter_group_name=settings.parameters.ref,
            security_group_ids=[network.cache.security_group_id],
            auto_minor_version_upgrade=True,
        )
        acknowledge(
            group,
            {
                "AwsSolutions-AEC5": "The services alone can reach it; another port would hide it from nobody",
                "AwsSolutions-AEC6": "Its security group admits the services alone, and a token would have to be handed to each",
                "NIST.800.53.R5-ElastiCacheRedisClusterAutomaticBackup": "A cache: it fills itself again from MySQL and DynamoDB",
            },
        )
        StringParameter(
            self,
            "Address",
            parameter_name=names.cache_address(strategy.prefix),
            string_value=f"rediss://{group.attr_primary_end_point_address}:{_PORT}",
        )

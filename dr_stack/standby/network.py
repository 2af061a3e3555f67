"""The network of a region: the data stores and their functions have no way in, and no way out but to S3 and DynamoDB; services
stand behind the load balancer, and get a way out with the workload (`dr_stack/standby/egress.py`).
"""

from __future__ import annotations

from aws_cdk.aws_ec2 import (
    GatewayVpcEndpointAwsService,
    IpAddresses,
    Peer,
    Port,
    SecurityGroup,
    SubnetConfiguration,
    SubnetSelection,
    SubnetType,
    Vpc,
)
from constructs import Construct

from components.acknowledge import acknowledge
from dr_stack.standby.flow_logs import FlowLogs
from strategy import Strategy

DATABASE = "Database"
DRILLS = "Drills"
FUNCTIONS = "Functions"
PUBLIC = "Public"
SERVICES = "Services"


class StandbyNetwork(Construct):
    """Room for three zones from the start: a zone or a subnet group added later moves no address that is in use."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        addresses = strategy.networks[region]
        acknowledge(
            self,
            {
                "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW": "Of the public subnets, where nothing stands but the load balancer",
                "CloudFormation-Validate::W3010": "The strategy names the zones, so that synthesis looks nothing up",
                "NIST.800.53.R5-VPCDefaultSecurityGroupClosed": "Nothing uses it, and closing it would take a Node function",
            },
        )
        vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr(str(addresses.cidr)),
            max_azs=len(addresses.zones),
            reserved_azs=max(0, 3 - len(addresses.zones)),
            nat_gateways=0,
            restrict_default_security_group=False,  # see above
            subnet_configuration=[
                SubnetConfiguration(name=DATABASE, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
                SubnetConfiguration(name=FUNCTIONS, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
                # Last, so that no address above moves.
                SubnetConfiguration(name=PUBLIC, subnet_type=SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False),
                SubnetConfiguration(name=SERVICES, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
                SubnetConfiguration(name=DRILLS, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        FlowLogs(self, "FlowLogs", strategy=strategy, vpc=vpc)
        inside = [SubnetSelection(subnet_group_name=each) for each in (FUNCTIONS, SERVICES)]
        vpc.add_gateway_endpoint("S3", service=GatewayVpcEndpointAwsService.S3, subnets=inside)
        vpc.add_gateway_endpoint("DynamoDb", service=GatewayVpcEndpointAwsService.DYNAMODB, subnets=inside)

        self.vpc = vpc
        self.public = vpc.select_subnets(subnet_group_name=PUBLIC)
        self.private = vpc.select_subnets(subnet_group_name=SERVICES)
        self.database_subnets = vpc.select_subnets(subnet_group_name=DATABASE).subnet_ids
        self.function_subnets = vpc.select_subnets(subnet_group_name=FUNCTIONS).subnet_ids
        self.database = SecurityGroup(
            self,
            "DatabaseAccess",
            vpc=vpc,
            description="MySQL: reached by the functions that verify it",  # create-only: a new text would replace the group
            allow_all_outbound=False,
        )
        self.functions = SecurityGroup(
            self, "FunctionAccess", vpc=vpc, description="Functions that read MySQL: reached by nobody", allow_all_outbound=False
        )
        self.drill_subnets = vpc.select_subnets(subnet_group_name=DRILLS).subnet_ids
        self.drills = self._group("DrillAccess", "What a drill restores: reached by the functions that verify it")
        self._of_services(strategy)
        self.drills.add_ingress_rule(self.functions, Port.tcp(3306), "Functions")
        self.functions.add_egress_rule(self.drills, Port.tcp(3306), "MySQL of a drill")
        self.database.add_ingress_rule(self.functions, Port.tcp(3306), "Functions")
        self.functions.add_egress_rule(self.database, Port.tcp(3306), "MySQL")
        # Any address, but the only routes out of these subnets are the two gateway endpoints.
        self.functions.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "S3 and DynamoDB")

    def _of_services(self, strategy: Strategy) -> None:
        """World → load balancer → services → MySQL and Redis. What the world may reach is the fence's to close."""
        self.balancer = self._group("BalancerAccess", "The load balancer: reached by the world while traffic belongs here")
        self.services = self._group("ServiceAccess", "The services: reached by the load balancer")
        self.cache = self._group("CacheAccess", "Redis: reached by the services")
        self.sftp = self._group("SftpAccess", "The SFTP host: reached through Systems Manager only")
        for port in sorted({service.port for service in strategy.services}):
            self.balancer.add_egress_rule(self.services, Port.tcp(port), "Services")
            self.services.add_ingress_rule(self.balancer, Port.tcp(port), "Load balancer")
        for group in (self.services, self.sftp):
            group.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "AWS and partners")
        self.services.add_egress_rule(self.database, Port.tcp(3306), "MySQL")
        self.database.add_ingress_rule(self.services, Port.tcp(3306), "Services")
        self.services.add_egress_rule(self.cache, Port.tcp(6379), "Redis")
        self.cache.add_ingress_rule(self.services, Port.tcp(6379), "Services")

    def _group(self, construct_id: str, description: str) -> SecurityGroup:
        return SecurityGroup(self, construct_id, vpc=self.vpc, description=description, allow_all_outbound=False)

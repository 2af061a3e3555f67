"""The network that a data store and its functions need: no way in, and no way out but to S3 and DynamoDB."""

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

from strategy.model import Regions

DATABASE = "Database"
FUNCTIONS = "Functions"


class StandbyNetwork(Construct):
    """Two zones now, room for a third: a zone or a subnet group added later moves no address that is in use."""

    def __init__(self, scope: Construct, construct_id: str, *, regions: Regions, region: str) -> None:
        super().__init__(scope, construct_id)
        vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr(address_range(regions, region)),
            max_azs=2,
            reserved_azs=1,
            nat_gateways=0,
            restrict_default_security_group=False,  # it would bring a Node custom resource; nothing here uses that group
            subnet_configuration=[
                SubnetConfiguration(name=DATABASE, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
                SubnetConfiguration(name=FUNCTIONS, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        functions = [SubnetSelection(subnet_group_name=FUNCTIONS)]
        vpc.add_gateway_endpoint("S3", service=GatewayVpcEndpointAwsService.S3, subnets=functions)
        vpc.add_gateway_endpoint("DynamoDb", service=GatewayVpcEndpointAwsService.DYNAMODB, subnets=functions)

        self.database_subnets = vpc.select_subnets(subnet_group_name=DATABASE).subnet_ids
        self.function_subnets = vpc.select_subnets(subnet_group_name=FUNCTIONS).subnet_ids
        self.database = SecurityGroup(
            self,
            "DatabaseAccess",
            vpc=vpc,
            description="MySQL: reached by the functions that verify it",
            allow_all_outbound=False,
        )
        self.functions = SecurityGroup(
            self, "FunctionAccess", vpc=vpc, description="Functions that read MySQL: reached by nobody", allow_all_outbound=False
        )
        self.database.add_ingress_rule(self.functions, Port.tcp(3306), "Functions")
        self.functions.add_egress_rule(self.database, Port.tcp(3306), "MySQL")
        # Any address, but the only routes out of these subnets are the two gateway endpoints.
        self.functions.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "S3 and DynamoDB")


def address_range(regions: Regions, region: str) -> str:
    """Bound to the region and not to its role (a swap must not replace a network), and different in the two regions."""
    second_octet_offset = sorted((regions.primary, regions.recovery)).index(region)
    return f"10.{20 + second_octet_offset}.0.0/16"

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

from components.acknowledge import acknowledge
from dr_stack.standby.flow_logs import FlowLogs
from strategy import Strategy

DATABASE = "Database"
FUNCTIONS = "Functions"


class StandbyNetwork(Construct):
    """Room for three zones from the start: a zone or a subnet group added later moves no address that is in use."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        addresses = strategy.networks[region]
        acknowledge(
            self,
            {
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
            ],
        )
        FlowLogs(self, "FlowLogs", strategy=strategy, vpc=vpc)
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

"""The services' way out of the network: NAT gateways, their addresses, and the routes to them. Costs by the hour."""

from __future__ import annotations

from typing import cast

from aws_cdk.aws_ec2 import CfnEIP, CfnNatGateway, CfnRoute, Subnet
from constructs import Construct

from dr_stack.standby.network import StandbyNetwork
from strategy import Strategy


class Egress(Construct):
    """In production one for each zone, so that the loss of a zone takes no other's way out; else one for all."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, network: StandbyNetwork) -> None:
        super().__init__(scope, construct_id)
        public = network.public.subnets if strategy.production else network.public.subnets[:1]
        gateways = []
        for number, subnet in enumerate(public, start=1):
            address = CfnEIP(self, f"Address{number}", domain="vpc")
            gateway = CfnNatGateway(
                self, f"Gateway{number}", subnet_id=subnet.subnet_id, allocation_id=address.attr_allocation_id
            )
            # Without a way to the internet the gateway would fail to start.
            gateway.node.add_dependency(subnet.internet_connectivity_established)
            gateways.append(gateway)
        for number, subnet in enumerate(network.private.subnets, start=1):
            CfnRoute(
                self,
                f"Route{number}",
                route_table_id=cast("Subnet", subnet).route_table.route_table_id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateways[(number - 1) % len(gateways)].ref,
            )

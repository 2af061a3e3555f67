"""EC2's ways in and out of a network: internet and NAT gateways, addresses, endpoints, flow logs."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation.errors import ResourceFailed
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties
from aws_rehearsal.cloudformation.resources.network import Tagged, retag, tagged


class InternetGateway(Tagged):
    type = "AWS::EC2::InternetGateway"

    def create(self, context: Context, properties: Properties) -> Physical:
        gateway = context.client("ec2").create_internet_gateway(**tagged("internet-gateway", properties))["InternetGateway"]
        return Physical(gateway["InternetGatewayId"], {"InternetGatewayId": gateway["InternetGatewayId"]})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_internet_gateway(InternetGatewayId=physical.id)


class GatewayAttachment(Handler):
    type = "AWS::EC2::VPCGatewayAttachment"

    def create(self, context: Context, properties: Properties) -> Physical:
        if "InternetGatewayId" not in properties:
            raise ResourceFailed("the embedded AWS attaches internet gateways only")
        context.client("ec2").attach_internet_gateway(**properties.pick("InternetGatewayId", "VpcId"))
        return Physical(f"IGW|{properties['VpcId']}", {"AttachmentType": "IGW"})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").detach_internet_gateway(**properties.pick("InternetGatewayId", "VpcId"))


class ElasticIp(Tagged):
    type = "AWS::EC2::EIP"

    def create(self, context: Context, properties: Properties) -> Physical:
        given = {"Domain": "vpc", **properties.pick("Domain")}
        address = context.client("ec2").allocate_address(**given, **tagged("elastic-ip", properties))
        attributes = {"AllocationId": address["AllocationId"], "PublicIp": address["PublicIp"]}
        return Physical(address["PublicIp"], attributes)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").release_address(AllocationId=physical.attributes["AllocationId"])


class NatGateway(Tagged):
    type = "AWS::EC2::NatGateway"

    def create(self, context: Context, properties: Properties) -> Physical:
        ec2 = context.client("ec2")
        given = properties.pick("AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId")
        identifier = ec2.create_nat_gateway(**given, **tagged("natgateway", properties))["NatGateway"]["NatGatewayId"]
        context.started(identifier)
        context.wait(identifier, lambda: self._state(context, identifier) == "available")
        return Physical(identifier, {"NatGatewayId": identifier})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_nat_gateway(NatGatewayId=physical.id)
        context.wait(physical.id, lambda: self._state(context, physical.id) == "deleted")

    def _state(self, context: Context, identifier: str) -> str:
        try:
            found = context.client("ec2").describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"]
        except ClientError as error:
            if "NotFound" in error.response["Error"]["Code"]:
                return "deleted"
            raise
        return str(found[0]["State"]) if found else "deleted"


class Endpoint(Handler):
    type = "AWS::EC2::VPCEndpoint"

    def create(self, context: Context, properties: Properties) -> Physical:
        given = properties.pick(
            "PrivateDnsEnabled", "RouteTableIds", "SecurityGroupIds", "ServiceName", "SubnetIds", "VpcEndpointType", "VpcId"
        )
        if "PolicyDocument" in properties:
            policy = properties["PolicyDocument"]
            given["PolicyDocument"] = policy if isinstance(policy, str) else json.dumps(policy)
        endpoint = context.client("ec2").create_vpc_endpoint(**given, **tagged("vpc-endpoint", properties))["VpcEndpoint"]
        attributes = {"Id": endpoint["VpcEndpointId"], "CreationTimestamp": str(endpoint.get("CreationTimestamp", ""))}
        entries = [f"{each.get('HostedZoneId', '')}:{each['DnsName']}" for each in endpoint.get("DnsEntries") or []]
        interfaces = endpoint.get("NetworkInterfaceIds") or []
        return Physical(endpoint["VpcEndpointId"], {**attributes, "DnsEntries": entries, "NetworkInterfaceIds": interfaces})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        given: dict[str, Any] = {}
        for name, parameter in (
            ("RouteTableIds", "RouteTableIds"),
            ("SubnetIds", "SubnetIds"),
            ("SecurityGroupIds", "SecurityGroupIds"),
        ):
            before, after = set(old.get(name, [])), set(new.get(name, []))
            given |= {f"Add{parameter}": sorted(after - before)} if after - before else {}
            given |= {f"Remove{parameter}": sorted(before - after)} if before - after else {}
        if old.get("PolicyDocument") != new.get("PolicyDocument"):
            policy = new.get("PolicyDocument")
            given |= {"PolicyDocument": json.dumps(policy)} if policy else {"ResetPolicy": True}
        if given:
            context.client("ec2").modify_vpc_endpoint(VpcEndpointId=physical.id, **given)
        retag(context, physical.id, old, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[physical.id])


class FlowLog(Tagged):
    type = "AWS::EC2::FlowLog"

    def create(self, context: Context, properties: Properties) -> Physical:
        answer = context.client("ec2").create_flow_logs(
            ResourceIds=[properties["ResourceId"]],
            **properties.pick(
                "DeliverLogsPermissionArn",
                "LogDestination",
                "LogDestinationType",
                "LogFormat",
                "LogGroupName",
                "MaxAggregationInterval",
                "ResourceType",
                "TrafficType",
            ),
            **tagged("vpc-flow-log", properties),
        )
        if answer.get("Unsuccessful"):
            raise ResourceFailed(f"CreateFlowLogs: {answer['Unsuccessful'][0]['Error']['Message']}")
        return Physical(answer["FlowLogIds"][0], {"Id": answer["FlowLogIds"][0]})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_flow_logs(FlowLogIds=[physical.id])

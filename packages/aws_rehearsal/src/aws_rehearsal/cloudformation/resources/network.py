"""EC2 networks: the VPC, its subnets and its routes."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags


def tagged(kind: str, properties: Properties) -> dict[str, Any]:
    """`TagSpecifications` of a creation, or nothing: EC2 refuses an empty list."""
    labels = tags(properties)
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": labels}]} if labels else {}


class Tagged(Handler):
    """A type of which only tags can change in place, unless a subclass changes more."""

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        changed = [name for name in {*old, *new} - {"Tags"} if old.get(name) != new.get(name)]
        if changed:
            return super().update(context, physical, old, new)
        retag(context, physical.id, old, new)
        return physical


def retag(context: Context, resource: str, old: Properties, new: Properties) -> None:
    ec2 = context.client("ec2")
    if stale := [{"Key": tag["Key"]} for tag in tags(old)]:
        ec2.delete_tags(Resources=[resource], Tags=stale)
    if labels := tags(new):
        ec2.create_tags(Resources=[resource], Tags=labels)


class Vpc(Tagged):
    type = "AWS::EC2::VPC"

    def create(self, context: Context, properties: Properties) -> Physical:
        ec2 = context.client("ec2")
        vpc = ec2.create_vpc(**properties.pick("CidrBlock", "InstanceTenancy"), **tagged("vpc", properties))["Vpc"]
        context.started(vpc["VpcId"])
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            if name in properties:
                ec2.modify_vpc_attribute(VpcId=vpc["VpcId"], **{name: {"Value": properties[name]}})
        return self._physical(context, vpc)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_vpc(VpcId=physical.id)

    def _physical(self, context: Context, vpc: dict[str, Any]) -> Physical:
        ec2, identifier = context.client("ec2"), vpc["VpcId"]
        mine = [{"Name": "vpc-id", "Values": [identifier]}]
        groups = ec2.describe_security_groups(Filters=[*mine, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
        acls = ec2.describe_network_acls(Filters=[*mine, {"Name": "default", "Values": ["true"]}])["NetworkAcls"]
        return Physical(
            identifier,
            {
                "VpcId": identifier,
                "CidrBlock": vpc["CidrBlock"],
                "CidrBlockAssociations": [each["AssociationId"] for each in vpc.get("CidrBlockAssociationSet", [])],
                "Ipv6CidrBlocks": [],
                "DefaultSecurityGroup": groups[0]["GroupId"],
                "DefaultNetworkAcl": acls[0]["NetworkAclId"],
            },
        )


class Subnet(Tagged):
    type = "AWS::EC2::Subnet"

    def create(self, context: Context, properties: Properties) -> Physical:
        ec2 = context.client("ec2")
        given = properties.pick("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
        subnet = ec2.create_subnet(**given, **tagged("subnet", properties))["Subnet"]
        identifier = subnet["SubnetId"]
        context.started(identifier)
        if "MapPublicIpOnLaunch" in properties:
            ec2.modify_subnet_attribute(SubnetId=identifier, MapPublicIpOnLaunch={"Value": properties["MapPublicIpOnLaunch"]})
        attributes = {name: subnet[name] for name in ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "SubnetId", "VpcId")}
        acls = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [identifier]}])["NetworkAcls"]
        associations = [each for acl in acls for each in acl["Associations"] if each["SubnetId"] == identifier]
        acl_association = {"NetworkAclAssociationId": associations[0]["NetworkAclAssociationId"]} if associations else {}
        return Physical(identifier, {**attributes, **acl_association, "Ipv6CidrBlocks": []})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_subnet(SubnetId=physical.id)


class RouteTable(Tagged):
    type = "AWS::EC2::RouteTable"

    def create(self, context: Context, properties: Properties) -> Physical:
        table = context.client("ec2").create_route_table(VpcId=properties["VpcId"], **tagged("route-table", properties))[
            "RouteTable"
        ]
        return Physical(table["RouteTableId"], {"RouteTableId": table["RouteTableId"]})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_route_table(RouteTableId=physical.id)


class SubnetRouteTableAssociation(Handler):
    type = "AWS::EC2::SubnetRouteTableAssociation"

    def create(self, context: Context, properties: Properties) -> Physical:
        answer = context.client("ec2").associate_route_table(**properties.pick("RouteTableId", "SubnetId"))
        return Physical(answer["AssociationId"], {"Id": answer["AssociationId"]})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").disassociate_route_table(AssociationId=physical.id)


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_WAYS = (
    "CarrierGatewayId",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)


class Route(Handler):
    type = "AWS::EC2::Route"

    def create(self, context: Context, properties: Properties) -> Physical:
        context.client("ec2").create_route(**properties.pick("RouteTableId", *_DESTINATIONS, *_WAYS))
        destination = next(properties[name] for name in _DESTINATIONS if name in properties)
        return Physical(f"{properties['RouteTableId']}|{destination}", {"CidrBlock": destination})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        context.client("ec2").replace_route(**new.pick("RouteTableId", *_DESTINATIONS, *_WAYS))
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_route(**properties.pick("RouteTableId", *_DESTINATIONS))

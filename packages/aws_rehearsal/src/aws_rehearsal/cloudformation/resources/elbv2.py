"""Load balancers: they have a name in DNS and a zone. Nothing is balanced; their listeners are recorded."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags

_ATTRIBUTES = {
    "DNSName": "DNSName",
    "CanonicalHostedZoneID": "CanonicalHostedZoneId",
    "LoadBalancerArn": "LoadBalancerArn",
    "LoadBalancerName": "LoadBalancerName",
}


class LoadBalancer(Handler):
    type = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("Name") or "")
        return name if name and stands(context.client("elbv2").describe_load_balancers, Names=[name]) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        elbv2 = context.client("elbv2")
        given = properties.pick("IpAddressType", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Type")
        name = properties.get("Name") or context.name(32)
        labels = {"Tags": labels} if (labels := tags(properties)) else {}
        balancer: Any = elbv2.create_load_balancer(Name=name, **given, **labels)["LoadBalancers"][0]
        arn = str(balancer["LoadBalancerArn"])
        context.started(arn)
        self._set(context, arn, properties)
        full_name = arn.split(":loadbalancer/", 1)[1]
        read = {attribute: balancer[key] for attribute, key in _ATTRIBUTES.items()}
        return Physical(arn, {**read, "LoadBalancerFullName": full_name, "SecurityGroups": balancer.get("SecurityGroups", [])})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        elbv2 = context.client("elbv2")
        if old.get("SecurityGroups") != new.get("SecurityGroups"):
            elbv2.set_security_groups(LoadBalancerArn=physical.id, SecurityGroups=new["SecurityGroups"])
        if old.get("Subnets") != new.get("Subnets"):
            elbv2.set_subnets(LoadBalancerArn=physical.id, Subnets=new["Subnets"])
        self._set(context, physical.id, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("elbv2").delete_load_balancer(LoadBalancerArn=physical.id)

    def _set(self, context: Context, arn: str, properties: Properties) -> None:
        attributes = [{"Key": each["Key"], "Value": each["Value"]} for each in properties.get("LoadBalancerAttributes") or []]
        if attributes:
            context.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)

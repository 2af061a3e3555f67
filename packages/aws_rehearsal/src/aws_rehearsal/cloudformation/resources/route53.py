"""Route 53: zones, records and health checks. `aws_rehearsal.web` resolves names by them; nothing is probed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from aws_rehearsal.cloudformation.errors import ResourceFailed
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags
from aws_rehearsal.context import current

_RECORD = (
    "AliasTarget",
    "CidrRoutingConfig",
    "Failover",
    "GeoLocation",
    "HealthCheckId",
    "MultiValueAnswer",
    "Name",
    "Region",
    "SetIdentifier",
    "Type",
    "Weight",
)


class HostedZone(Handler):
    type = "AWS::Route53::HostedZone"

    def create(self, context: Context, properties: Properties) -> Physical:
        route53 = context.client("route53")
        given: dict[str, Any] = {"Name": properties["Name"], "CallerReference": str(uuid.uuid4())}
        comment = (properties.get("HostedZoneConfig") or {}).get("Comment", "")
        vpcs = properties.get("VPCs", [])
        given["HostedZoneConfig"] = {"Comment": comment, "PrivateZone": bool(vpcs)}
        if vpcs:
            given["VPC"] = vpcs[0]
        answer = route53.create_hosted_zone(**given)
        identifier = answer["HostedZone"]["Id"].rsplit("/", 1)[-1]
        context.started(identifier)
        for vpc in vpcs[1:]:
            route53.associate_vpc_with_hosted_zone(HostedZoneId=identifier, VPC=vpc)
        if labels := tags(properties) or tags({"Tags": properties.get("HostedZoneTags")}):
            route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=identifier, AddTags=labels)
        servers = (answer.get("DelegationSet") or {}).get("NameServers", [])
        return Physical(identifier, {"Id": identifier, "NameServers": servers})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("route53").delete_hosted_zone(Id=physical.id)


class RecordSet(Handler):
    type = "AWS::Route53::RecordSet"

    def taken(self, context: Context, properties: Properties) -> str:
        route53, name = context.client("route53"), str(properties["Name"])
        zone = properties.get("HostedZoneId") or _zone(route53, properties["HostedZoneName"])
        wanted = (name.rstrip("."), properties["Type"], properties.get("SetIdentifier"))
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone):
            for each in page["ResourceRecordSets"]:
                if (each["Name"].rstrip("."), each["Type"], each.get("SetIdentifier")) == wanted:
                    return name
        return ""

    def create(self, context: Context, properties: Properties) -> Physical:
        _change(context, "UPSERT", properties)  # moto's CREATE takes other records for this one; `taken` has looked
        return Physical(properties["Name"])

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        if old.get("SetIdentifier") != new.get("SetIdentifier") or old["Type"] != new["Type"]:
            _change(context, "DELETE", old)
        _change(context, "UPSERT", new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        _change(context, "DELETE", properties)


class HealthCheck(Handler):
    type = "AWS::Route53::HealthCheck"

    def create(self, context: Context, properties: Properties) -> Physical:
        route53 = context.client("route53")
        reference = str(uuid.uuid4())
        check = route53.create_health_check(CallerReference=reference, HealthCheckConfig=properties["HealthCheckConfig"])[
            "HealthCheck"
        ]
        context.started(check["Id"])
        _remember(check["Id"], properties["HealthCheckConfig"])
        if labels := tags({"Tags": properties.get("HealthCheckTags")}):
            route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"], AddTags=labels)
        return Physical(check["Id"], {"HealthCheckId": check["Id"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        route53 = context.client("route53")
        fixed = {"Type", "RequestInterval", "MeasureLatency", "RoutingControlArn"}
        given = {name: value for name, value in new["HealthCheckConfig"].items() if name not in fixed}
        route53.update_health_check(HealthCheckId=physical.id, **given)
        _remember(physical.id, new["HealthCheckConfig"])
        stale = [tag["Key"] for tag in tags({"Tags": old.get("HealthCheckTags")})]
        labels = tags({"Tags": new.get("HealthCheckTags")})
        if stale or labels:
            route53.change_tags_for_resource(
                ResourceType="healthcheck",
                ResourceId=physical.id,
                **({"AddTags": labels} if labels else {}),
                **({"RemoveTagKeys": stale} if stale else {}),
            )
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("route53").delete_health_check(HealthCheckId=physical.id)
        current().health_checks.pop(physical.id, None)


def _remember(check: str, config: Mapping[str, Any]) -> None:
    """Moto keeps no AlarmIdentifier. As on AWS, the alarm must be there, and what it says is taken over now, once."""
    kept = dict(config)
    if watched := config.get("AlarmIdentifier"):
        cloudwatch = current().client("cloudwatch", watched["Region"])
        alarms = cloudwatch.describe_alarms(AlarmNames=[watched["Name"]])["MetricAlarms"]
        if not alarms:
            raise ResourceFailed(f"AWS::Route53::HealthCheck: {watched['Region']} has no alarm {watched['Name']}")
        kept["Alarm"] = alarms[0]
    current().health_checks[check] = kept


def _change(context: Context, action: str, properties: Properties) -> None:
    route53 = context.client("route53")
    record = properties.pick(*_RECORD)
    if "TTL" in properties:
        record["TTL"] = int(properties["TTL"])
    if "ResourceRecords" in properties:
        record["ResourceRecords"] = [{"Value": value} for value in properties["ResourceRecords"]]
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
    zone = properties.get("HostedZoneId") or _zone(route53, properties["HostedZoneName"])
    change = {"Action": action, "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def _zone(route53: Any, name: str) -> str:
    zones = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    found = [str(zone["Id"]).rsplit("/", 1)[-1] for zone in zones if zone["Name"].rstrip(".") == name.rstrip(".")]
    if not found:
        raise ResourceFailed(f"No hosted zones named {name} found")
    return found[0]

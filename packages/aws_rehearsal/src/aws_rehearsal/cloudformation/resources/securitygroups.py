"""EC2 security groups and their rules."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties
from aws_rehearsal.cloudformation.resources.network import retag, tagged

_ANYWHERE = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}


class SecurityGroup(Handler):
    type = "AWS::EC2::SecurityGroup"

    def create(self, context: Context, properties: Properties) -> Physical:
        group = context.client("ec2").create_security_group(
            GroupName=properties.get("GroupName") or context.name(255),
            Description=properties["GroupDescription"],
            **properties.pick("VpcId"),
            **tagged("security-group", properties),
        )["GroupId"]
        context.started(group)
        if properties.get("SecurityGroupEgress"):
            _change(context, "revoke_security_group_egress", group, [_ANYWHERE])  # the rule every new group starts with
        _change(context, "authorize_security_group_ingress", group, properties.get("SecurityGroupIngress", []))
        _change(context, "authorize_security_group_egress", group, properties.get("SecurityGroupEgress", []))
        return Physical(group, {"GroupId": group, "Id": group, "VpcId": properties.get("VpcId", "")})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        for name, direction in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
            before, after = old.get(name) or [], new.get(name) or []
            leaving = [rule for rule in before if rule not in after]
            _change(context, f"revoke_security_group_{direction}", physical.id, leaving)
            _change(context, f"authorize_security_group_{direction}", physical.id, [rule for rule in after if rule not in before])
        retag(context, physical.id, old, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ec2").delete_security_group(GroupId=physical.id)


class SecurityGroupIngress(Handler):
    type = "AWS::EC2::SecurityGroupIngress"
    direction = "ingress"

    def create(self, context: Context, properties: Properties) -> Physical:
        operation = f"authorize_security_group_{self.direction}"
        answer = _change(context, operation, properties["GroupId"], [dict(properties)])
        rules = answer.get("SecurityGroupRules") or [{}]
        identifier = rules[0].get("SecurityGroupRuleId") or context.name()
        return Physical(identifier, {"Id": identifier})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        self.delete(context, physical, old)
        return self.create(context, new)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        _change(context, f"revoke_security_group_{self.direction}", properties["GroupId"], [dict(properties)])


class SecurityGroupEgress(SecurityGroupIngress):
    type = "AWS::EC2::SecurityGroupEgress"
    direction = "egress"


def _change(context: Context, operation: str, group: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    if not rules:
        return {}
    call: Any = getattr(context.client("ec2"), operation)
    answer: dict[str, Any] = call(GroupId=group, IpPermissions=[_permission(rule) for rule in rules])
    return answer


def _permission(rule: dict[str, Any]) -> dict[str, Any]:
    """A flat rule of a template as one of EC2's permissions."""
    note = {"Description": rule["Description"]} if "Description" in rule else {}
    given: dict[str, Any] = {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in rule}
    if "CidrIp" in rule:
        given["IpRanges"] = [{"CidrIp": rule["CidrIp"], **note}]
    if "CidrIpv6" in rule:
        given["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **note}]
    lists = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
    if lists:
        given["PrefixListIds"] = [{"PrefixListId": lists, **note}]
    other = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    if other:
        owner = {"UserId": rule["SourceSecurityGroupOwnerId"]} if "SourceSecurityGroupOwnerId" in rule else {}
        given["UserIdGroupPairs"] = [{"GroupId": other, **owner, **note}]
    return given

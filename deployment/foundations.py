"""What a deployment stands on and does not make itself: the hosted zone, and a certificate of each region.

Without them the standby stack fails after its load balancer is made, whose deletion protection then stops the rollback: the
stack ends in ROLLBACK_FAILED. So they are looked for before anything is created.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from strategy import Strategy
from strategy.catalogue import names

_STUCK = frozenset({"DELETE_FAILED", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"})
"""From these CloudFormation takes no update. (From ROLLBACK_COMPLETE neither, but there the CDK deletes the stack by itself.)"""


def missing(strategy: Strategy, client: Callable[[str, str], Any]) -> Iterator[str]:
    """What is not there, one sentence each. `client` makes a boto3 client of a service in a region."""
    if strategy.dns is None:
        return
    zone = f"{strategy.dns.zone}."
    found = client("route53", strategy.regions.primary).list_hosted_zones_by_name(DNSName=zone)["HostedZones"]
    count = sum(each["Name"] == zone for each in found)
    if count != 1:
        yield f"dns.zone: the account has {count or 'no'} hosted zone{'s' if count else ''} {zone}; there must be one"
    for region, arn in strategy.dns.certificates.items():
        acm = client("acm", region)
        try:
            status = acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
        except acm.exceptions.ResourceNotFoundException:
            status = "not there"
        if status != "ISSUED":
            yield f"dns.certificates.{region}: {arn} is {status}; it must be ISSUED"


def stuck(strategy: Strategy, client: Callable[[str, str], Any]) -> Iterator[str]:
    """Stacks of this strategy that can be neither updated nor made anew: what keeps each, and how to go on."""
    for region, cloudformation, stack in _stacks(strategy, client, _STUCK):
        described = cloudformation.describe_stack_resources(StackName=stack["StackId"])["StackResources"]
        failed = [each for each in described if each["ResourceStatus"].endswith("_FAILED")]
        reasons = "; ".join(f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}" for each in failed)
        name, status = stack["StackName"], stack["StackStatus"]
        yield f"{name} in {region} is in {status} ({reasons}). {_way_out(name, region, status, failed)}"


def kept(strategy: Strategy, client: Callable[[str, str], Any]) -> Iterator[str]:
    """What a creation that was rolled back has left standing, because it is to be retained: its name is taken from now on."""
    for region, cloudformation, stack in _stacks(strategy, client, {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}):
        pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack["StackId"])
        events = [each for page in pages for each in page["StackEvents"]]
        left = [each for each in events if each["ResourceStatus"] == "DELETE_SKIPPED"]
        if left:
            named = ", ".join(sorted(f"{each['ResourceType']} {each['PhysicalResourceId']}" for each in left))
            yield (
                f"{stack['StackName']} in {region} was rolled back, and left by its DeletionPolicy: {named}. "
                "Deploy again with --import-existing-resources to adopt what has a name of its own, or delete it first."
            )


def _stacks(
    strategy: Strategy, client: Callable[[str, str], Any], statuses: Collection[str]
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(region, its CloudFormation, summary) of the strategy's stacks in one of these states."""
    for region in (strategy.regions.primary, strategy.regions.recovery):
        cloudformation = client("cloudformation", region)
        pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=sorted(statuses))
        for stack in (each for page in pages for each in page["StackSummaries"]):
            if stack["StackName"].startswith(names.stack(strategy.prefix, "")):
                yield region, cloudformation, stack


def _way_out(name: str, region: str, status: str, failed: list[dict[str, Any]]) -> str:
    if status == "UPDATE_ROLLBACK_FAILED":
        return f"Mend that, then: aws cloudformation continue-update-rollback --region {region} --stack-name {name}"
    unprotect = "".join(
        f"aws elbv2 modify-load-balancer-attributes --region {region} --load-balancer-arn {each['PhysicalResourceId']} "
        "--attributes Key=deletion_protection.enabled,Value=false && "
        for each in failed
        if each["ResourceType"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"
    )
    again = f"{unprotect}aws cloudformation delete-stack --region {region} --stack-name {name}"
    return f"It takes no update; once nothing in it is needed, delete it: {again}"

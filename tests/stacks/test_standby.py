"""The standby workload: one parameter activates all that costs and no store, tiers, and services behind one load balancer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.stateful import KEPT_OTHERWISE, STATEFUL
from strategy.model.strategy import Standby
from tests.stacks.assembly import Assembly, Synthesise

CACHES_AND_HOSTS = {"AWS::EC2::Instance", "AWS::ElastiCache::ReplicationGroup", "AWS::ElasticBeanstalk::Environment"}
"""Stateful by type; the strategy excuses each with its reason: what they hold comes from elsewhere."""


@pytest.fixture(scope="session")
def standby(assembly: Assembly, recovery: str) -> dict[str, Any]:
    return assembly.template("standby", recovery)


def of(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in template["Resources"].values() if each["Type"] == kind]


def options(environment: dict[str, Any]) -> dict[tuple[str, str], Any]:
    settings = environment["Properties"]["OptionSettings"]
    return {(each["Namespace"].removeprefix("aws:"), each["OptionName"]): each["Value"] for each in settings}


@pytest.mark.proves("recovery-region.activation")
def test_one_parameter_activates_and_is_off_by_default(standby: dict[str, Any]) -> None:
    parameter = standby["Parameters"]["Activated"]
    assert (parameter["AllowedValues"], parameter["Default"]) == (["true", "false"], "false")
    assert standby["Conditions"]["IsActivated"] == {"Fn::Equals": [{"Ref": "Activated"}, "true"]}


@pytest.mark.proves("recovery-region.activation")
def test_no_data_store_waits_for_the_activation(assembly: Assembly) -> None:
    conditioned = {resource["Type"] for _, resource in assembly.resources() if "Condition" in resource}
    assert conditioned
    assert (STATEFUL | set(KEPT_OTHERWISE)) & conditioned == CACHES_AND_HOSTS


@pytest.mark.proves("recovery-region.activation")
def test_nothing_that_stands_refers_to_what_waits(standby: dict[str, Any]) -> None:
    """CloudFormation would refuse the deactivated stack."""
    waits = {name for name, each in standby["Resources"].items() if "Condition" in each}
    for name, each in standby["Resources"].items():
        if name not in waits:
            assert not [other for other in waits if f'"{other}"' in json.dumps(each)], name


@pytest.mark.proves("recovery-region.tiers")
@pytest.mark.parametrize(
    ("tier", "waiting"),
    [
        (Standby.BACKUP_AND_RESTORE, {"AWS::EC2::NatGateway", *CACHES_AND_HOSTS}),
        (Standby.PILOT_LIGHT, {"AWS::EC2::Instance", "AWS::ElasticBeanstalk::Environment"}),
        (Standby.WARM, set()),
    ],
)
def test_a_tier_says_what_waits(synthesise: Synthesise, recovery: str, tier: Standby, waiting: set[str]) -> None:
    template = synthesise("dev", standby=tier).template("standby", recovery)
    kinds = {"AWS::EC2::NatGateway", *CACHES_AND_HOSTS}
    assert {each["Type"] for each in template["Resources"].values() if "Condition" in each} & kinds == waiting
    least = {
        json.dumps(options(each)["autoscaling:asg", "MinSize"]) for each in of(template, "AWS::ElasticBeanstalk::Environment")
    }
    small = {"Fn::If": ["IsActivated", "1", "1"]}
    assert least == {json.dumps(small if tier is Standby.WARM else "1")}


@pytest.mark.proves("exclusions.service-health")
def test_services_stand_behind_the_one_load_balancer(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        strategy = assembly.strategy
        for region in (strategy.regions.primary, strategy.regions.recovery):
            template = assembly.template("standby", region)
            (balancer,) = [k for k, v in template["Resources"].items() if v["Type"].endswith("V2::LoadBalancer")]
            made = {each["Properties"]["EnvironmentName"]: each for each in of(template, "AWS::ElasticBeanstalk::Environment")}
            assert len(made) == len(strategy.services)
            priorities = set()
            for service in strategy.services:
                environment = made[f"{strategy.prefix}-{service.name}"]
                found = options(environment)
                assert found["elasticbeanstalk:environment", "LoadBalancerIsShared"] == "true"
                assert found["elbv2:loadbalancer", "SharedLoadBalancer"] == {"Ref": balancer}
                assert found["autoscaling:asg", "MinSize"] == str(service.min_instances)
                assert found["autoscaling:asg", "MaxSize"] == str(service.max_instances)
                assert found["elasticbeanstalk:environment:process:default", "HealthCheckPath"] == service.health_check
                assert found["elasticbeanstalk:environment:process:default", "Port"] == str(service.port)
                priorities.add(found[f"elbv2:listenerrule:{service.name}", "Priority"])
                for key, what in (("VersionLabel", "version"), ("SolutionStackName", "platform")):
                    parameter = f"/{strategy.prefix}/services/{service.name}/{what}"
                    assert environment["Properties"][key] == f"{{{{resolve:ssm:{parameter}}}}}"
            assert len(priorities) == len(strategy.services)


@pytest.mark.proves("exclusions.redis-multi-az")
def test_redis_stands_in_two_zones(standby: dict[str, Any]) -> None:
    (redis,) = of(standby, "AWS::ElastiCache::ReplicationGroup")
    properties = redis["Properties"]
    assert properties["MultiAZEnabled"]
    assert properties["AutomaticFailoverEnabled"]
    assert properties["NumCacheClusters"] == 2
    assert properties["TransitEncryptionEnabled"]
    assert properties["AtRestEncryptionEnabled"]


@pytest.mark.proves("exclusions.sftp-setup")
def test_the_sftp_host_is_set_up_from_code_and_reached_by_nobody(standby: dict[str, Any]) -> None:
    (host,) = of(standby, "AWS::EC2::Instance")
    assert "ForceCommand internal-sftp" in host["Properties"]["UserData"]["Fn::Base64"]
    (group,) = host["Properties"]["SecurityGroupIds"]
    access = standby["Resources"][group["Fn::GetAtt"][0]]["Properties"]
    assert "SecurityGroupIngress" not in access


@pytest.mark.proves("recovery-region.deactivation-guard")
def test_deactivation_asks_the_guard(standby: dict[str, Any]) -> None:
    (guard,) = of(standby, "Custom::Activation")
    assert guard["Properties"]["Activated"] == {"Ref": "Activated"}
    assert "Condition" not in guard

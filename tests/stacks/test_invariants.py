"""What holds for the whole assembly, whatever is built later."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from deployment import bundle, foundations
from deployment.deploy import deploy
from strategy.catalogue import names
from tests.stacks.assembly import Assembly, Synthesise, but_for_the_switch, statements

STATEFUL = (
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
COSTS_BY_THE_HOUR = (
    "AWS::EC2::Instance",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint/Interface",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::RDS::DBInstance",
)


@pytest.mark.proves("documents.infrastructure")
def test_a_second_synthesis_is_identical(assembly: Assembly, synthesise: Synthesise) -> None:
    again = synthesise("dev", checked=True, fresh=True)
    assert {file.name for file in again.directory.iterdir()} == {file.name for file in assembly.directory.iterdir()}
    assert again.templates() == assembly.templates()
    assert json.loads((again.directory / "manifest.json").read_text()) == json.loads(
        (assembly.directory / "manifest.json").read_text()
    )


def test_synthesis_looks_nothing_up(assembly: Assembly) -> None:
    assert "missing" not in json.loads((assembly.directory / "manifest.json").read_text())


@pytest.mark.proves("stores.retained-data")
def test_state_is_retained(assembly: Assembly) -> None:
    stateful = dict(assembly.resources(*STATEFUL))
    assert {resource["Type"] for resource in stateful.values()} == set(STATEFUL) - {"AWS::DynamoDB::Table"}
    lost = [
        where for where, each in stateful.items() if {each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")} != {"Retain"}
    ]
    assert lost == []


@pytest.mark.proves("vaults.backup-roles")
def test_the_roles_of_aws_backup_outlive_their_stack(assembly: Assembly) -> None:
    roles = [role for _, role in assembly.resources("AWS::IAM::Role") if "backup.amazonaws.com" in json.dumps(role)]
    assert len(roles) == 4
    for role in roles:
        assert role["DeletionPolicy"] == "Retain"
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": assembly.strategy.account}}


@pytest.mark.proves("vaults.backup-roles")
def test_iam_names_carry_the_region(assembly: Assembly) -> None:
    for where, role in assembly.resources("AWS::IAM::Role"):
        region = next(
            region for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery) if region in where
        )
        assert role["Properties"].get("RoleName", region).endswith(region), where


@pytest.mark.proves("recovery-region.independence")
def test_the_recovery_region_knows_nothing_of_the_primary(assembly: Assembly, primary: str, recovery: str) -> None:
    """But for the switch, whose functions name both: evidence and secrets are replicated by the primary, copies are found by the
    plan's input.
    """
    for stack, template in assembly.templates(recovery).items():
        assert primary not in json.dumps(but_for_the_switch(template)), stack


@pytest.mark.proves("recovery-region.independence")
def test_no_stack_exports_or_imports(assembly: Assembly) -> None:
    for stack, template in assembly.templates().items():
        said = json.dumps(template)
        assert '"Export"' not in said, stack
        assert "Fn::ImportValue" not in said, stack
        assert "Fn::GetStackOutput" not in said, stack


@pytest.mark.proves("recovery-region.independence")
def test_the_recovery_region_is_deployed_before_what_copies_into_it(assembly: Assembly, primary: str, recovery: str) -> None:
    artifacts = json.loads((assembly.directory / "manifest.json").read_text())["artifacts"]
    backup = names.stack_id(assembly.strategy.prefix, "backup", primary)
    assert names.stack_id(assembly.strategy.prefix, "backup", recovery) in artifacts[backup]["dependencies"]
    for stack, artifact in artifacts.items():
        if stack.endswith(recovery):
            assert not [each for each in artifact.get("dependencies", []) if each.endswith(primary)]


@pytest.mark.proves("exclusions.lambda-code")
def test_functions_are_python_and_their_logs_end(assembly: Assembly) -> None:
    functions = list(assembly.resources("AWS::Lambda::Function"))
    assert functions
    for where, function in functions:
        properties = function["Properties"]
        assert properties["Runtime"] == f"python{bundle.PYTHON}", where
        assert properties["Architectures"] == ["arm64"], where
        assert {"Timeout", "MemorySize"} <= properties.keys(), where
        group = properties["LoggingConfig"]["LogGroup"]["Ref"]
        template = assembly.templates()[where.split("/")[0]]
        assert template["Resources"][group]["Properties"]["RetentionInDays"] > 0, where


def test_a_function_has_the_bundle_that_its_handler_is_in(assembly: Assembly) -> None:
    """And no other: the compiled library is in the one of the few that check signatures."""
    for each in bundle.bundles():
        known = {handler.stem for handler in each.handlers}
        text = f"the code of {each.name}\n"
        made = {
            path.parent.name.split(".")[1] for path in assembly.directory.glob("asset.*/recovery.py") if path.read_text() == text
        }
        found = {
            function["Properties"]["Handler"].split(".")[-2]
            for _, function in assembly.resources("AWS::Lambda::Function")
            if function["Properties"]["Code"]["S3Key"].split(".")[0] in made
        }
        assert found
        assert found <= known


def test_every_log_group_ends(assembly: Assembly) -> None:
    assert [
        where for where, each in assembly.resources("AWS::Logs::LogGroup") if "RetentionInDays" not in each["Properties"]
    ] == []


def test_custom_resources_are_ours(assembly: Assembly) -> None:
    """Each is asked of a function of this project; none comes along with a construct."""
    for where, resource in assembly.resources():
        if resource["Type"].startswith("Custom::") or resource["Type"] == "AWS::CloudFormation::CustomResource":
            function = resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]
            handler = assembly.templates()[where.split("/")[0]]["Resources"][function]["Properties"]["Handler"]
            assert handler.startswith("recovery.handlers."), where


@pytest.mark.proves("vaults.least-privilege")
def test_no_role_may_do_everything(assembly: Assembly) -> None:
    seen = list(statements(assembly))
    assert seen
    for where, statement in seen:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert not [action for action in actions if "*" in action], where


@pytest.mark.proves("vaults.backup-roles")
def test_only_aws_backup_is_handed_a_role(assembly: Assembly) -> None:
    """But for the standby's activation: CloudFormation in a role for that alone, and what that role hands to what it makes."""
    passing = [(where, statement) for where, statement in statements(assembly) if "iam:PassRole" in statement["Action"]]
    services = set()
    for where, statement in passing:
        assert statement["Condition"].keys() == {"StringEquals"}
        service = statement["Condition"]["StringEquals"]["iam:PassedToService"]
        services.add(service)
        roles = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert not [each for each in roles if "*" in each]
        if service != "backup.amazonaws.com":
            assert "RegionWorkload" in where or "RegionActivationRole" in where
            assert not [each for each in roles if "-backup-" in each or "-restore-" in each]
    assert "backup.amazonaws.com" in services


@pytest.mark.proves("recovery-region.landing-zone")
def test_the_landing_zone_costs_one_load_balancer(assembly: Assembly, recovery: str) -> None:
    """What costs by the hour waits for the activation."""
    costs = {
        (
            resource["Type"]
            + ("/" + resource["Properties"].get("VpcEndpointType", "") if "VPCEndpoint" in resource["Type"] else ""),
            resource.get("Condition"),
        )
        for _, resource in assembly.resources(region=recovery)
    }
    assert {cost for cost in costs if cost[0] in COSTS_BY_THE_HOUR} == {
        ("AWS::EC2::Instance", "IsActivated"),
        ("AWS::EC2::NatGateway", "IsActivated"),
        ("AWS::ElastiCache::ReplicationGroup", "IsActivated"),
        ("AWS::ElasticBeanstalk::Environment", "IsActivated"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", None),
    }


def test_nothing_is_unfinished(assembly: Assembly) -> None:
    for stack, template in assembly.templates().items():
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", json.dumps(template)), stack


@pytest.mark.proves("vaults.vault-pair")
def test_a_swap_replaces_no_vault_no_key_and_no_bucket(assembly: Assembly, swapped: Assembly) -> None:
    """Create-only properties: a change there would replace the resource, and what it holds."""
    kinds = ("AWS::Backup::BackupVault", "AWS::KMS::Key")
    before, after = dict(assembly.resources(*kinds)), dict(swapped.resources(*kinds))
    assert before == after
    assert len([each for each in before.values() if each["Type"] == "AWS::Backup::BackupVault"]) == 4
    buckets = [
        {where: bucket["Properties"]["BucketName"] for where, bucket in each.resources("AWS::S3::Bucket")}
        for each in (assembly, swapped)
    ]
    assert buckets[0] == buckets[1]


def test_a_swap_leaves_the_landing_zones_as_they_are(assembly: Assembly, swapped: Assembly) -> None:
    for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
        assert assembly.template("standby", region) == swapped.template("standby", region)


def test_a_role_decides_what_is_monitored_and_a_region_nothing(assembly: Assembly, swapped: Assembly) -> None:
    """What a region monitors in a role is what the other one monitors in it, word for word but for their names and prices."""
    regions, priced = assembly.strategy.regions, re.compile(r"computed_usd[^,}]+")
    for region in (regions.primary, regions.recovery):
        other = regions.other(region)
        there = json.dumps(swapped.template("monitoring", other))
        renamed = there.replace(region, "<other>").replace(other, region).replace("<other>", other)
        here = json.dumps(assembly.template("monitoring", region))
        assert _resources(priced.sub("", renamed)) == _resources(priced.sub("", here))


def _resources(template: str) -> list[str]:
    """Whatever their logical ids, of which CDK makes some out of the stack's."""
    return sorted(json.dumps(each, sort_keys=True) for each in json.loads(template)["Resources"].values())


def test_a_swap_leaves_the_topic_and_its_key_as_they_are(assembly: Assembly, swapped: Assembly) -> None:
    for kind in ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"):
        assert dict(assembly.resources(kind, kind="monitoring")) == dict(swapped.resources(kind, kind="monitoring"))


def test_what_is_deployed_before_the_key_is_known_takes_along_nothing_that_waits_for_it(
    environments: dict[str, Assembly], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cdk deploy` deploys what a stack depends on as well, and the primary's backup stack has a parameter to be given."""
    assembly = environments["prod"]
    artifacts = json.loads((assembly.directory / "manifest.json").read_text())["artifacts"]
    strategy, commands = assembly.strategy, list[tuple[str, ...]]()
    assert strategy.replicates_backups
    for question in ("missing", "stuck"):
        monkeypatch.setattr(foundations, question, lambda *_: iter(()))
    deploy(strategy, cdk=lambda *command: commands.append(command), client=lambda *_: _Answers())
    waits = names.stack_id(strategy.prefix, "backup", strategy.regions.primary)
    (told,) = (each for each in commands if any(names.REPLICATED_BACKUPS_KEY in word for word in each))
    assert told[0] == waits
    before = [word for each in commands[: commands.index(told)] if "--exclusively" not in each for word in each]
    assert before
    assert waits not in {each for stack in before for each in (stack, *_needed(stack, artifacts))}


def _needed(stack: str, artifacts: dict[str, Any]) -> set[str]:
    found = {each for each in artifacts[stack].get("dependencies", []) if artifacts[each]["type"] == "aws:cloudformation:stack"}
    return found | {each for one in found for each in _needed(one, artifacts)}


class _Answers:
    """Of SSM, every service has its release; of CloudFormation, the recovery region's stack says the key."""

    def get_parameters(self, **_: Any) -> dict[str, Any]:
        return {"InvalidParameters": []}

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": [{"OutputKey": names.REPLICATED_BACKUPS_KEY, "OutputValue": "arn"}]}]}

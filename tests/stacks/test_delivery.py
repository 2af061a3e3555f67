"""Whoever publishes, invokes, starts or delivers is let in by the target's policy or by its own role, and may use its key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.stacks.assembly import Assembly, Synthesise
from tests.stacks.grants import Region, regions, resource_statements

ENVIRONMENTS = ("dev", "staging", "prod")
KEY_USE = ("kms:Decrypt", "kms:GenerateDataKey")
"""What SNS does with a topic's key for whoever publishes (Amazon SNS Developer Guide, "Key management")."""


def topic(region: Region, arn: str) -> tuple[str, str, dict[str, Any]]:
    return next(
        each
        for each in region.resources("AWS::SNS::Topic")
        if arn in {region.spelled(each[0], {"Ref": each[1]}), f"<{each[0]}/{each[1]}>"}
    )


def lets_in(region: Region, service: str, arn: str) -> list[str]:
    """What keeps a service from publishing to a topic."""
    stack, logical_id, properties = topic(region, arn)
    policies = [
        each["PolicyDocument"]
        for other, _, each in region.resources("AWS::SNS::TopicPolicy")
        if other == stack and {"Ref": logical_id} in each["Topics"]
    ]
    problems = []
    if not any(allowed(document, service, "sns:Publish") for document in policies):
        problems.append(f"the policy of {arn} does not let {service} publish")
    key = properties.get("KmsMasterKeyId")
    if key is not None:
        document = region.templates[stack]["Resources"][key["Fn::GetAtt"][0]]["Properties"]["KeyPolicy"]
        problems += [f"the key of {arn} does not let {service} {use}" for use in KEY_USE if not allowed(document, service, use)]
    return problems


def allowed(document: Mapping[str, Any], service: str, action: str) -> bool:
    return any(
        each["Effect"] == "Allow" and service in services and action in actions
        for each, services, actions in resource_statements(document)
    )


def key_through_sns(region: Region, arn: str) -> bool:
    """Whether callers of this account may use the topic's key through SNS."""
    stack, _, properties = topic(region, arn)
    key = properties.get("KmsMasterKeyId")
    if key is None:
        return True
    document = region.templates[stack]["Resources"][key["Fn::GetAtt"][0]]["Properties"]["KeyPolicy"]
    through = {"kms:CallerAccount": region.account, "kms:ViaService": f"sns.{region.name}.amazonaws.com"}
    return any(
        each["Effect"] == "Allow"
        and each["Principal"] == {"AWS": "*"}
        and each.get("Condition") == {"StringEquals": through}
        and set(KEY_USE) <= set(actions)
        for each, _, actions in resource_statements(document)
    )


def rules(region: Region) -> Iterator[str]:
    """What is wrong with a rule and one of its targets."""
    permissions = list(region.resources("AWS::Lambda::Permission"))
    for stack, rule, properties in region.resources("AWS::Events::Rule"):
        for target in properties.get("Targets", []):
            arn = region.spelled(stack, target["Arn"])
            where = f"{stack}/{rule} -> {arn}"
            if ":lambda:" in arn:
                if not any(
                    other == stack
                    and each["Principal"] == "events.amazonaws.com"
                    and each["Action"] == "lambda:InvokeFunction"
                    and region.spelled(other, each["FunctionName"]) == arn
                    and each.get("SourceArn") == {"Fn::GetAtt": [rule, "Arn"]}
                    for other, _, each in permissions
                ):
                    yield f"{where}: no permission for this rule"
            elif ":states:" in arn:
                if "RoleArn" not in target:
                    yield f"{where}: no role"
                elif not region.may(region.role(stack, target["RoleArn"]), "states:StartExecution", arn):
                    yield f"{where}: its role may not start it"
            elif ":sns:" in arn:
                yield from (f"{where}: {problem}" for problem in lets_in(region, "events.amazonaws.com", arn))
            else:
                yield f"{where}: a kind of target that this test does not know"


def others(region: Region) -> Iterator[str]:
    """Alarms, vaults and functions that say something on a topic."""
    for stack, alarm, properties in region.resources("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for action in properties.get(key, []):
                arn = region.spelled(stack, action)
                yield from (f"{stack}/{alarm}: {problem}" for problem in lets_in(region, "cloudwatch.amazonaws.com", arn))
    for stack, vault, properties in region.resources("AWS::Backup::BackupVault"):
        if notifications := properties.get("Notifications"):
            arn = region.spelled(stack, notifications["SNSTopicArn"])
            yield from (f"{stack}/{vault}: {problem}" for problem in lets_in(region, "backup.amazonaws.com", arn))
    for stack, config, properties in region.resources("AWS::Lambda::EventInvokeConfig"):
        function = region.templates[stack]["Resources"][properties["FunctionName"]["Ref"]]["Properties"]
        for each in properties.get("DestinationConfig", {}).values():
            arn = region.spelled(stack, each["Destination"])
            assert ":sns:" in arn or "Topic" in arn, f"{stack}/{config}: a kind of destination that this test does not know"
            yield from publishes(region, region.role(stack, function["Role"]), arn, f"{stack}/{config}")


def publishes(region: Region, who: str, arn: str, where: str) -> Iterator[str]:
    if not region.may(who, "sns:Publish", arn):
        yield f"{where}: its role may not publish to {arn}"
    if not key_through_sns(region, arn):
        yield f"{where}: the key of {arn} is closed to callers of this account"


def workflows(region: Region) -> Iterator[str]:
    """What a state machine invokes, starts and publishes to."""
    for stack, machine, properties in region.resources("AWS::StepFunctions::StateMachine"):
        who = region.role(stack, properties["RoleArn"])
        definition = json.loads(region.spelled(stack, properties["DefinitionString"]))
        for name, state in states(definition):
            if state["Type"] != "Task":
                continue
            where, arguments = f"{stack}/{machine}: {name}", state.get("Arguments", {})
            if state["Resource"].endswith("lambda:invoke"):
                if not region.may(who, "lambda:InvokeFunction", arguments["FunctionName"]):
                    yield f"{where}: may not invoke {arguments['FunctionName']}"
            elif state["Resource"].endswith(":sns:publish"):
                yield from publishes(region, who, arguments["TopicArn"], where)
            else:
                service, operation = state["Resource"].rsplit(":", 2)[-2:]
                action = f"{service}:{operation[0].upper()}{operation[1:]}"
                if not any(action in each.actions for each in region.callers[who] if each.effect == "Allow"):
                    yield f"{where}: may not {action}"


def states(machine: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        for branch in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from states(branch)


def buckets(region: Region) -> Iterator[str]:
    """Services that deliver into a bucket, and the role by which one replicates."""
    for kind, service, key in (
        ("AWS::CloudTrail::Trail", "cloudtrail.amazonaws.com", "S3BucketName"),
        ("AWS::Config::DeliveryChannel", "config.amazonaws.com", "S3BucketName"),
    ):
        for stack, logical_id, properties in region.resources(kind):
            bucket = properties[key]
            documents = [
                each["PolicyDocument"]
                for other, _, each in region.resources("AWS::S3::BucketPolicy")
                if other == stack and each["Bucket"] == bucket
            ]
            for action in ("s3:GetBucketAcl", "s3:PutObject"):
                if not any(allowed(document, service, action) for document in documents):
                    yield f"{stack}/{logical_id}: the bucket does not let {service} {action}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("kind", [rules, others, workflows, buckets], ids=lambda kind: kind.__name__)
def test_every_source_reaches_its_target(synthesise: Synthesise, environment: str, kind: Any) -> None:
    found = regions(synthesise(environment))
    assert [problem for region in found for problem in kind(region)] == []


def test_a_rule_that_a_topic_does_not_let_in_is_found(assembly_without_events: Assembly) -> None:
    """The topic's policy without EventBridge: each rule that publishes there is named."""
    found = [problem for region in regions(assembly_without_events) for problem in rules(region)]
    assert len(found) == 2
    assert all("does not let events.amazonaws.com publish" in each for each in found)


@pytest.fixture
def assembly_without_events(synthesise: Synthesise) -> Assembly:
    whole = synthesise("dev")

    class Without(Assembly):
        def templates(self, region: str = "") -> dict[str, dict[str, Any]]:
            found = super().templates(region)
            for template in found.values():
                for each in template["Resources"].values():
                    if each["Type"] == "AWS::SNS::TopicPolicy":
                        document = each["Properties"]["PolicyDocument"]
                        document["Statement"] = [
                            statement
                            for statement in document["Statement"]
                            if statement["Principal"] != {"Service": "events.amazonaws.com"}
                        ]
            return found

    return Without(whole.directory, whole.strategy)

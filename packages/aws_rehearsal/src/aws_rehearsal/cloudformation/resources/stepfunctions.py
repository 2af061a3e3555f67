"""Step Functions state machines, from a definition in text, as an object, or in S3."""

from __future__ import annotations

import json
import re
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class StateMachine(Handler):
    type = "AWS::StepFunctions::StateMachine"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("StateMachineName") or "")
        arn = f"arn:aws:states:{context.region}:{context.account}:stateMachine:{name}"
        return arn if name and stands(context.client("stepfunctions").describe_state_machine, stateMachineArn=arn) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("StateMachineName") or context.name(80)
        labels = [{key.lower(): value for key, value in tag.items()} for tag in tags(properties)]
        given = properties.pick(type="StateMachineType")
        arn = context.client("stepfunctions").create_state_machine(
            name=name,
            definition=_definition(context, properties),
            tags=labels,
            roleArn=properties["RoleArn"],
            **given,
            **_watch(properties),
        )["stateMachineArn"]
        return Physical(arn, {"Arn": arn, "Name": name})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        machines = context.client("stepfunctions")
        definition = _definition(context, new)
        machines.update_state_machine(stateMachineArn=physical.id, definition=definition, roleArn=new["RoleArn"], **_watch(new))
        if stale := [tag["Key"] for tag in tags(old)]:
            machines.untag_resource(resourceArn=physical.id, tagKeys=stale)
        labels = [{key.lower(): value for key, value in tag.items()} for tag in tags(new)]
        machines.tag_resource(resourceArn=physical.id, tags=labels)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("stepfunctions").delete_state_machine(stateMachineArn=physical.id)


def _definition(context: Context, properties: Properties) -> str:
    if "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    elif "Definition" in properties:
        text = json.dumps(properties["Definition"])
    else:
        place = properties["DefinitionS3Location"]
        text = context.client("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read().decode()
    substitutions = properties.get("DefinitionSubstitutions", {})

    def replace(match: re.Match[str]) -> str:
        value = substitutions.get(match[1])
        return match[0] if value is None else str(value)

    return _PLACEHOLDER.sub(replace, text)


def _watch(properties: Properties) -> dict[str, Any]:
    """Logging, tracing and encryption, whose parts the API spells in lower camel case."""
    given = properties.pick(
        loggingConfiguration="LoggingConfiguration",
        tracingConfiguration="TracingConfiguration",
        encryptionConfiguration="EncryptionConfiguration",
    )
    lowered: dict[str, Any] = _lower(given)
    return lowered


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value

"""Lambda functions, from the asset in S3 or from inline code."""

from __future__ import annotations

import contextlib
import io
import zipfile
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tag_map

_CONFIGURATION = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "ImageConfig",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)


class Function(Handler):
    type = "AWS::Lambda::Function"

    def create(self, context: Context, properties: Properties) -> Physical:
        functions = context.client("lambda")
        name = properties.get("FunctionName") or context.name()
        given = {**_configuration(properties), **properties.pick("Architectures", "CodeSigningConfigArn", "PackageType")}
        answer = functions.create_function(FunctionName=name, Code=_code(properties["Code"]), Tags=tag_map(properties), **given)
        context.started(name)
        _reserve(functions, name, properties)
        return Physical(name, {"Arn": answer["FunctionArn"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        functions = context.client("lambda")
        if old["Code"] != new["Code"]:
            functions.update_function_code(FunctionName=physical.id, **_code(new["Code"]))
        functions.update_function_configuration(FunctionName=physical.id, **_configuration(new))
        arn = physical.attributes["Arn"]
        if stale := list(tag_map(old)):
            functions.untag_resource(Resource=arn, TagKeys=stale)
        if labels := tag_map(new):
            functions.tag_resource(Resource=arn, Tags=labels)
        if "ReservedConcurrentExecutions" in old and "ReservedConcurrentExecutions" not in new:
            functions.delete_function_concurrency(FunctionName=physical.id)
        _reserve(functions, physical.id, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("lambda").delete_function(FunctionName=physical.id)


class Permission(Handler):
    type = "AWS::Lambda::Permission"

    def create(self, context: Context, properties: Properties) -> Physical:
        statement = context.name(100)
        context.client("lambda").add_permission(
            StatementId=statement,
            **properties.pick(
                "Action",
                "EventSourceToken",
                "FunctionName",
                "FunctionUrlAuthType",
                "Principal",
                "PrincipalOrgID",
                "SourceAccount",
                "SourceArn",
            ),
        )
        return Physical(statement, {"Id": statement})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        function = properties["FunctionName"]
        context.client("lambda").remove_permission(FunctionName=function, StatementId=physical.id)


class EventInvokeConfig(Handler):
    """How often an asynchronous invocation is tried, and where one goes that failed for good. Putting it again is its update."""

    type = "AWS::Lambda::EventInvokeConfig"

    def taken(self, context: Context, properties: Properties) -> str:
        given = properties.pick("FunctionName", "Qualifier")
        found = stands(context.client("lambda").get_function_event_invoke_config, **given)
        return "|".join((given["FunctionName"], given.get("Qualifier", "$LATEST"))) if found else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        given = properties.pick("DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        self.delete(context, Physical(""), properties)
        context.client("lambda").put_function_event_invoke_config(**given)
        return Physical(f"{properties['FunctionName']}|{properties.get('Qualifier', '$LATEST')}")

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        return self.create(context, new)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        with contextlib.suppress(context.client("lambda").exceptions.ResourceNotFoundException):
            context.client("lambda").delete_function_event_invoke_config(FunctionName=properties["FunctionName"])


class Version(Handler):
    type = "AWS::Lambda::Version"

    def create(self, context: Context, properties: Properties) -> Physical:
        answer = context.client("lambda").publish_version(**properties.pick("CodeSha256", "Description", "FunctionName"))
        arn = answer["FunctionArn"]
        arn = arn if arn.endswith(f":{answer['Version']}") else f"{arn}:{answer['Version']}"
        return Physical(arn, {"Version": answer["Version"], "FunctionArn": arn})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        function, _, version = physical.id.rpartition(":")
        context.client("lambda").delete_function(FunctionName=function, Qualifier=version)


class LayerVersion(Handler):
    type = "AWS::Lambda::LayerVersion"

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("LayerName") or context.name(64)
        answer = context.client("lambda").publish_layer_version(
            LayerName=name,
            Content=properties["Content"],
            **properties.pick("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo"),
        )
        return Physical(answer["LayerVersionArn"], {"LayerVersionArn": answer["LayerVersionArn"]})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        layer, _, version = physical.id.rpartition(":")
        context.client("lambda").delete_layer_version(LayerName=layer, VersionNumber=int(version))


def _configuration(properties: Properties) -> dict[str, Any]:
    given = properties.pick(*_CONFIGURATION, KMSKeyArn="KmsKeyArn")
    variables = given.get("Environment", {}).get("Variables", {})
    if variables:  # the schema allows numbers and booleans here; the API takes text
        given["Environment"] = {"Variables": {name: _text(value) for name, value in variables.items()}}
    return given


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(code: dict[str, Any]) -> dict[str, Any]:
    """Inline code becomes `index.py` (or `index.js` in AWS; here functions are Python) in a zip."""
    if "ZipFile" not in code:
        return {key: code[key] for key in ("S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri") if key in code}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), code["ZipFile"])
    return {"ZipFile": buffer.getvalue()}


def _reserve(functions: Any, name: str, properties: Properties) -> None:
    if "ReservedConcurrentExecutions" in properties:
        functions.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=properties["ReservedConcurrentExecutions"]
        )

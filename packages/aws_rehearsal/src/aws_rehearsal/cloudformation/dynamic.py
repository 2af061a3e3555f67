"""Dynamic references: `{{resolve:ssm:…}}` and `{{resolve:secretsmanager:…}}`, read at the last moment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aws_rehearsal.cloudformation.errors import ResourceFailed

_REFERENCE = re.compile(r"\{\{resolve:(?P<service>ssm|ssm-secure|secretsmanager):(?P<what>[^{}]+)\}\}")
_SECRET = re.compile(r"^(?P<id>arn:aws[\w-]*:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::SecretString(?P<rest>.*))?$")


def resolve(value: Any, client: Callable[[str], Any]) -> Any:
    """`value` with every reference replaced; errors of the service are the caller's to name."""
    if isinstance(value, dict):
        return {key: resolve(item, client) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, client) for item in value]
    if not isinstance(value, str) or "{{resolve:" not in value:
        return value

    def replace(match: re.Match[str]) -> str:
        if match["service"] == "secretsmanager":
            return _secret(match["what"], client("secretsmanager"))
        name = match["what"].split(":")[0] if match["what"].startswith("/") else match["what"]
        return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])

    return _REFERENCE.sub(replace, value)


def _secret(what: str, secrets: Any) -> str:
    match = _SECRET.match(what)
    if match is None:
        raise ResourceFailed(f"Could not parse the dynamic reference to {what}")
    key, stage, version = [*(match["rest"] or "").removeprefix(":").split(":"), "", "", ""][:3]
    wanted = {"VersionId": version} if version else {"VersionStage": stage} if stage else {}
    text = str(secrets.get_secret_value(SecretId=match["id"], **wanted)["SecretString"])
    if not key:
        return text
    value = json.loads(text).get(key)
    if value is None:
        raise ResourceFailed(f"Could not find a value associated with JSONKey {key} in SecretString of {match['id']}")
    return str(value)

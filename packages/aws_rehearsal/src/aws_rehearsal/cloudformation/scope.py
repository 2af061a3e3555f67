"""What names mean inside one stack: parameters, pseudo parameters, resources, imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.graph import references
from aws_rehearsal.cloudformation.intrinsics import UNKNOWN, Evaluator
from aws_rehearsal.cloudformation.stack import Resource
from aws_rehearsal.cloudformation.template import Template


class StackScope:
    """Names of one stack while it is deployed, or, for a change set, while it is only thought about.

    `resources` is the live mapping of what exists. A wanted resource that does not exist yet, or is in `unknown`, has the value
    KNOWN_AFTER_APPLY: a change set shows it, and a deployment never meets it, because it goes in order.
    """

    def __init__(
        self,
        template: Template,
        values: Mapping[str, Any],
        resources: Mapping[str, Resource],
        *,
        imported: Callable[[str], str],
        zones: Callable[[str], list[str]],
    ) -> None:
        self.template = template
        self.mappings = template.mappings
        self.imported = imported
        self.zones = zones
        self.unknown: set[str] = set()
        self._values = values
        self._resources = resources
        self._conditions: dict[str, bool] = {}
        self.evaluator = Evaluator(self)
        self.wanted = [
            name
            for name, resource in template.resources.items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        ]

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            if name not in self.template.conditions:
                raise ValidationError(f"Template format error: Unresolved condition dependency {name}")
            self._conditions[name] = self.evaluator.truth(self.template.conditions[name])
        return self._conditions[name]

    def ref(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        found = self._existing(name, "Ref")
        return found.physical_id if found else UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Any:
        found = self._existing(logical_id, "Fn::GetAtt")
        if found is None:
            return UNKNOWN
        if name not in found.attributes:
            known = ", ".join(sorted(found.attributes)) or "none"
            raise ResourceFailed(f"Requested attribute {name} does not exist in {logical_id} ({found.type}); it has: {known}")
        return found.attributes[name]

    def _existing(self, name: str, function: str) -> Resource | None:
        if name not in self.wanted:
            raise ValidationError(f"Template format error: Unresolved resource dependencies [{name}] in {function}")
        return None if name in self.unknown else self._resources.get(name)

    def outputs(self) -> list[dict[str, str]]:
        """Evaluated outputs, as DescribeStacks shows them."""
        shown = []
        for key, output in self.template.outputs.items():
            if "Condition" in output and not self.condition(output["Condition"]):
                continue
            entry = {"OutputKey": key, "OutputValue": _as_text(self.evaluator.value(output["Value"]))}
            if "Description" in output:
                entry["Description"] = str(output["Description"])
            if "Export" in output:
                entry["ExportName"] = _as_text(self.evaluator.value(output["Export"]["Name"]))
            shown.append(entry)
        return shown


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def checked(template: Template) -> None:
    """Every name a template uses must be declared in it; raises ValidationError."""
    known = {*template.parameters, *template.resources}
    places = {f"Resources/{name}": resource.get("Properties") for name, resource in template.resources.items()}
    places |= {f"Outputs/{name}": output.get("Value") for name, output in template.outputs.items()}
    for place, value in places.items():
        unknown = ", ".join(_unknown(value, known))
        if unknown:
            raise ValidationError(f"Template format error: Unresolved resource dependencies [{unknown}] in {place}")


def _unknown(value: Any, known: set[str]) -> list[str]:

    return sorted({name for name in references(value) if name not in known and not name.startswith("AWS::")})

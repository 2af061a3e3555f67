"""What a reviewer should see change: one small snapshot for each capability, of dev, without ids, hashes and ARNs' noise.

After a change that is meant: `.venv/bin/pytest tests/stacks/test_snapshots.py --snapshot-update`, and read the diff.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.stacks.assembly import Assembly, text


def properties(assembly: Assembly, type_: str, region: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for _, resource in assembly.resources(type_, region=region)]


def readable(value: Any) -> Any:
    """A template's value as a person reads it: references by logical id without hash, joined text in one piece."""
    match value:
        case {"Ref": name}:
            return f"<{_plain(name)}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{_plain(name)}.{attribute}>"
        case {"Fn::Join": _}:
            return text(value)
        case dict():
            return {key: readable(each) for key, each in sorted(value.items())}
        case list():
            return [readable(each) for each in value]
        case _:
            return value


def _plain(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def test_the_plan(assembly: Assembly, primary: str, snapshot: SnapshotAssertion) -> None:
    (plan,) = properties(assembly, "AWS::Backup::BackupPlan", primary)
    assert readable(plan["BackupPlan"]) == snapshot


def test_the_selection(assembly: Assembly, primary: str, snapshot: SnapshotAssertion) -> None:
    (selection,) = properties(assembly, "AWS::Backup::BackupSelection", primary)
    assert readable(selection["BackupSelection"]) == snapshot


@pytest.mark.parametrize("vault", ["backup", "copy"])
def test_who_may_touch_a_vault(assembly: Assembly, recovery: str, vault: str, snapshot: SnapshotAssertion) -> None:
    vaults = {each["BackupVaultName"]: each for each in properties(assembly, "AWS::Backup::BackupVault", recovery)}
    assert readable(vaults[f"{assembly.strategy.prefix}-{vault}-vault"]["AccessPolicy"]) == snapshot


def test_restore_tests(assembly: Assembly, recovery: str, snapshot: SnapshotAssertion) -> None:
    plans = properties(assembly, "AWS::Backup::RestoreTestingPlan", recovery)
    selections = properties(assembly, "AWS::Backup::RestoreTestingSelection", recovery)
    assert readable([*plans, *selections]) == snapshot


def test_audit_controls(assembly: Assembly, primary: str, snapshot: SnapshotAssertion) -> None:
    (framework,) = properties(assembly, "AWS::Backup::Framework", primary)
    assert readable(framework["FrameworkControls"]) == snapshot


def test_what_raises_an_alert(assembly: Assembly, primary: str, snapshot: SnapshotAssertion) -> None:
    rules = properties(assembly, "AWS::Events::Rule", primary)
    assert [readable(rule["EventPattern"]) for rule in rules if "EventPattern" in rule] == snapshot


def test_the_region_workflow(assembly: Assembly, recovery: str, snapshot: SnapshotAssertion) -> None:
    """Its states and where each leads: the shape of the night. What each does is in the code."""
    machine = _machine(assembly, recovery, "recover-region")
    definition = json.loads(re.sub(r"<[^>]*>", "resource", text(machine["DefinitionString"])))
    assert list(_steps(definition)) == snapshot


@pytest.mark.parametrize("route", ["mysql-from-recovery-point", "dynamodb-to-a-moment"])
def test_a_route(assembly: Assembly, primary: str, snapshot: SnapshotAssertion, route: str) -> None:
    machine = _machine(assembly, primary, route)
    definition = json.loads(re.sub(r"<[^>]*>", "resource", text(machine["DefinitionString"])))
    assert list(_steps(definition)) == snapshot


def _machine(assembly: Assembly, region: str, name: str) -> dict[str, Any]:
    machines = properties(assembly, "AWS::StepFunctions::StateMachine", region)
    (found,) = (each for each in machines if each["StateMachineName"].endswith(f"-{name}"))
    return found


def _steps(machine: dict[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for name, state in machine["States"].items():
        ways = [state.get("Next") or ("end" if state.get("End") else state["Type"])] if state["Type"] != "Choice" else []
        ways += [choice["Next"] for choice in state.get("Choices", [])] + ([state["Default"]] if "Default" in state else [])
        caught = [f"! {catch['Next']}" for catch in state.get("Catch", [])]
        lines.append(f"{'  ' * depth}{state['Type']} {name} -> {', '.join([*ways, *caught])}")
        for branch in state.get("Branches", []):
            lines += _steps(branch, depth + 1)
    return lines

"""What runs on GitHub is what runs here: the make targets, and nothing that a person could not type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from strategy.model.loader import environments

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


def commands(path: Path) -> list[str]:
    return [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]


def test_there_are_three() -> None:
    assert [path.stem for path in WORKFLOWS] == ["check", "deploy", "rehearse"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_is_a_make_target_with_its_own_variables(path: Path) -> None:
    found = commands(path)
    assert found
    for command in found:
        target, variables = re.fullmatch(r"make ([a-z]+)((?: [A-Z]+=\S.*)?)", command).groups()  # type: ignore[union-attr]
        assert re.search(rf"^{target}:.*## ", MAKEFILE, flags=re.MULTILINE), command
        assert all(re.search(rf"^{name}\s*\?=", MAKEFILE, flags=re.MULTILINE) for name in re.findall(r"([A-Z]+)=", variables))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_job_runs_for_ever_or_holds_a_key(path: Path) -> None:
    assert all(job["timeout-minutes"] <= 180 for job in jobs(path).values())
    assert "secrets." not in path.read_text(encoding="utf-8")
    for job in jobs(path).values():
        actions = [step["uses"] for step in job["steps"] if "uses" in step]
        signing_in = any(each.startswith("aws-actions/") for each in actions)
        granted = job.get("permissions") or yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"]
        assert (granted.get("id-token") == "write") == signing_in


def test_each_environment_can_be_deployed_and_is_compared() -> None:
    known = set(environments())
    deploy, check = (yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text()) for name in ("deploy", "check"))
    triggers = deploy[True]  # YAML reads the key `on` as true
    assert set(triggers["workflow_dispatch"]["inputs"]["environment"]["options"]) == known
    assert set(check["jobs"]["diff"]["strategy"]["matrix"]["environment"]) == known

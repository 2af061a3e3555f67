"""What runs on GitHub is what runs here: the make targets, and nothing that a person could not type."""

from __future__ import annotations

import re
import shlex
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


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_the_parts_of_the_check_are_the_whole_suite() -> None:
    """What is extended is named by its file; a tier that runs whole has both."""
    (check,) = (path for path in WORKFLOWS if path.stem == "check")
    parts = [shlex.split(each["part"]) for each in jobs(check)["test"]["strategy"]["matrix"]["include"]]
    whole = {word for part in parts if "-m" not in part for word in part}
    short = {part[0] for part in parts if "not extended" in part}
    extended = {word for part in parts if part[-1] == "extended" for word in part[:-2]}
    folders = {f"tests/{each.parent.name}" for each in (ROOT / "tests").glob("*/test_*.py")}
    assert whole | short == folders | {"packages/aws_rehearsal/tests"}
    left = {
        str(each.relative_to(ROOT))
        for folder in short
        for each in (ROOT / folder).glob("test_*.py")
        if "pytest.mark.extended" in each.read_text(encoding="utf-8")
    }
    assert extended == left

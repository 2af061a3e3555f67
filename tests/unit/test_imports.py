"""Which part of the house may import which (docs: architecture). Held by reading the sources, function-level imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("backup_stack", "dr_stack", "monitoring_stack")
OURS = ("app", "stacks", "strategy", "components", *STACKS, "recovery", "rehearsal", "tools", "tests")

MAY_NOT: dict[str, tuple[str, ...]] = {
    "strategy": ("aws_cdk", "boto3", "botocore", *(each for each in OURS if each != "strategy")),
    "components": ("boto3", "botocore", "app", "stacks", *STACKS, "recovery", "rehearsal", "tools", "tests"),
    **dict.fromkeys(STACKS, ("boto3", "botocore", "app", "stacks", "recovery", "rehearsal", "tools", "tests")),
    "recovery": ("aws_cdk", "constructs", "app", "stacks", "components", *STACKS, "rehearsal", "tools", "tests"),
    "tools": ("tests",),
    "rehearsal": ("tests",),
}
"""Whole packages. Another stack is looked at more closely below; only tests and tools may import the rehearsal."""


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)


def broken(part: str, source: str) -> list[str]:
    """What a module of `part` imports and may not."""
    found = []
    for name in imports(source):
        top = name.split(".")[0]
        another_stack = part in STACKS and top in STACKS and top != part
        internals = another_stack and name != f"{top}.stack"
        forbidden = part == "dr_stack" and top == "backup_stack"
        if top in MAY_NOT[part] or internals or forbidden:
            found.append(name)
    return found


@pytest.mark.parametrize("part", MAY_NOT)
def test_imports_go_one_way(part: str) -> None:
    modules = sorted((ROOT / part).rglob("*.py"))
    assert modules
    assert {str(module.relative_to(ROOT)): found for module in modules if (found := broken(part, module.read_text()))} == {}


def test_handlers_are_imported_by_none() -> None:
    """They parse, call and answer: what they call is in the rooms, which know nothing of them."""
    handlers = ROOT / "recovery" / "functions"
    for part in ("strategy", "components", *STACKS, "recovery", "rehearsal", "tools"):
        for module in (ROOT / part).rglob("*.py"):
            found = [name for name in imports(module.read_text()) if name.startswith("recovery.handlers")]
            assert found == [], f"{module.relative_to(ROOT)} imports {found}"
    assert len(list(handlers.glob("*.py"))) > 40


def test_contracts_need_no_strategy() -> None:
    """The functions that read them have no pydantic; what is made of a Strategy is in `requests`, which they do not import."""
    for module in (ROOT / "strategy" / "contracts").glob("*.py"):
        for name in imports(module.read_text()):
            assert not name.startswith(("pydantic", "strategy.model.strategy", "strategy.contracts.requests")), module


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("strategy", "import boto3"),
        ("strategy", "def late():\n    from recovery import points"),
        ("components", "from backup_stack.stack import BackupStack"),
        ("backup_stack", "import recovery.recovery_points"),
        ("monitoring_stack", "from backup_stack.vaults import Vaults"),
        ("dr_stack", "from backup_stack.stack import BackupStack"),
        ("recovery", "from aws_cdk import Stack"),
        ("recovery", "import rehearsal"),
    ],
)
def test_the_rule_refuses(part: str, source: str) -> None:
    assert broken(part, source)


def test_no_folder_shadows_the_constructs_package() -> None:
    assert not (ROOT / "constructs").exists()


def test_only_app_reads_the_environment() -> None:
    """Settings come from the strategy; the functions' environment is written by the stacks."""
    for part in ("strategy", "components", *STACKS):
        for module in (ROOT / part).rglob("*.py"):
            assert "os" not in set(imports(module.read_text())), module

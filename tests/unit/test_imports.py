"""Which part of the house may import which (docs: architecture). Held by reading the sources, function-level imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("backup_stack", "dr_stack", "monitoring_stack")
PRODUCT = ("app", "stacks", "strategy", "components", *STACKS, "recovery")
OURS = (*PRODUCT, "deployment", "rehearsal", "tools", "tests")
PACKAGE = "packages/aws_rehearsal/src"
"""An AWS that knows no bank: it stands alone, and is used through its front door (`aws_rehearsal.__all__`)."""
PACKAGE_TESTS = "packages/aws_rehearsal/tests"
"""They run in a copy of the package alone; what tests of the bank share with them is `aws_support`."""
OF_AWS = ("aws_rehearsal", "aws_support", "packages")

MAY_NOT: dict[str, tuple[str, ...]] = {
    PACKAGE: (*OURS, "aws_support", "packages"),
    PACKAGE_TESTS: (*OURS, "packages"),
    "strategy": ("aws_cdk", "boto3", "botocore", *(each for each in OURS if each != "strategy"), *OF_AWS),
    "components": ("boto3", "botocore", *(each for each in OURS if each not in {"components", "strategy"}), *OF_AWS),
    **dict.fromkeys(
        STACKS,
        ("boto3", "botocore", "app", "stacks", "recovery", "deployment", "rehearsal", "tools", "tests", *OF_AWS),
    ),
    "recovery": ("aws_cdk", "constructs", *(each for each in OURS if each not in {"recovery", "strategy"}), *OF_AWS),
    "deployment": ("rehearsal", "tools", "tests", *OF_AWS),
    "rehearsal": ("tools", "tests", "aws_support", "packages"),
    "tools": ("tests", "packages"),
    "tests": ("packages",),
}
"""Whole packages. Another stack is looked at more closely below."""

ROOMS: dict[str, tuple[str, ...]] = {
    "strategy": (
        "formatting",
        "model",
        "catalogue",
        "checks",
        "cost",
        "contracts",
    ),
    "dr_stack": (
        "plans_table region_arns standby workflow",
        "fence heartbeat late_writes planning_permissions preflight verify",
        "cutover drills restore",
        "people_policies region restore_tests",
        "stack",
    ),
    "recovery": (
        "billing code_digest custom_resource endpoint errors evidence jobs lambda_runtime metric moments pages recovery_points",
        "aws calendar findings mysql notify restore_tests runbooks",
        "cutover dashboard late_writes prices report status verify",
        "heartbeat manifest preflight restore",
        "assess drills fence region",
        "digest monitor",
        "cli handlers",
        "__main__",
    ),
}
"""The rooms of a package, from the ground up: one imports those below it, and none beside or above it."""

UPWARDS = {
    # An alarm's threshold may be the strictest limit that a store's promises leave, and its table belongs to the names of alarms.
    ("strategy.catalogue.alarm_table", "strategy.checks.objectives"),
    # A survey ends with what drills have proved; planning a drill begins with what a survey reads (`status.sources`).
    ("recovery.status.survey", "recovery.drills.proof"),
}
"""Imports that go up all the same. No other may come."""


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)


def named(source: str) -> Iterator[str]:
    """Likewise, with the name that is taken from it: a module or something in one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def broken(part: str, source: str) -> list[str]:
    """What a module of `part` imports and may not."""
    found = []
    for name in imports(source):
        top = name.split(".")[0]
        another_stack = part in STACKS and top in STACKS and top != part
        internals = another_stack and name != f"{top}.stack"
        forbidden = part == "dr_stack" and top == "backup_stack"
        behind_the_door = part not in {PACKAGE, PACKAGE_TESTS} and name.startswith("aws_rehearsal.")
        if top in MAY_NOT[part] or internals or forbidden or behind_the_door:
            found.append(name)
    return found


def upwards(module: str, source: str) -> set[tuple[str, str]]:
    """Imports of `module` that lead to a room beside or above its own."""
    package, room = module.split(".")[:2]
    floor = {each: number for number, rooms in enumerate(ROOMS[package]) for each in rooms.split()}
    found = [name.split(".") for name in named(source) if name.startswith(f"{package}.")]
    above = [name for name in found if name[1] in floor and name[1] != room and floor[name[1]] >= floor[room]]
    return {(module, ".".join(name[:3])) for name in above}


def modules_of(part: str) -> Iterator[Path]:
    modules = sorted((ROOT / part).rglob("*.py"))
    assert modules
    yield from modules


@pytest.mark.parametrize("part", MAY_NOT)
def test_imports_go_one_way(part: str) -> None:
    found = {str(module.relative_to(ROOT)): broken(part, module.read_text()) for module in modules_of(part)}
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("package", ROOMS)
def test_rooms_lean_on_those_below_them(package: str) -> None:
    found = set[tuple[str, str]]()
    for path in modules_of(package):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if module != f"{package}.__init__":
            found |= upwards(module, path.read_text())
    assert found == {edge for edge in UPWARDS if edge[0].startswith(f"{package}.")}


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_has_its_place(package: str) -> None:
    """A folder or a module at the top of the package."""
    there = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    rooms = [room for floor in ROOMS[package] for room in floor.split()]
    assert sorted(rooms) == sorted(there - {"__init__"})


def test_handlers_are_imported_by_none() -> None:
    """They parse, call and answer: what they call is in the rooms, which know nothing of them."""
    handlers = ROOT / "recovery" / "handlers"
    for part in (each for each in MAY_NOT if each != "tests"):
        for module in modules_of(part):
            found = [name for name in named(module.read_text()) if name.startswith("recovery.handlers")]
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
        ("recovery", "from aws_rehearsal import Cloud"),
        ("deployment", "from tools import bench"),
        ("rehearsal", "from tools.bench import run"),
        ("rehearsal", "from aws_rehearsal.rds.mariadb import Server"),
        ("tools", "import aws_rehearsal.cloud"),
        ("tests", "from packages.aws_rehearsal.tests.test_functions import trust"),
        (PACKAGE, "from recovery.aws import Region"),
        (PACKAGE, "from strategy import load"),
        (PACKAGE_TESTS, "from packages.aws_rehearsal.tests.test_functions import trust"),
        (PACKAGE_TESTS, "from rehearsal.scenarios.base import wait_for"),
    ],
)
def test_the_rule_refuses(part: str, source: str) -> None:
    assert broken(part, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("recovery.restore.plan", "from recovery.region.planner import plan"),
        ("recovery.restore.plan", "def late():\n    from recovery import drills"),
        ("recovery.cutover.beat", "from recovery.verify import result"),
        ("recovery.errors", "import recovery.cli.exit_codes"),
        ("dr_stack.workflow.steps", "from dr_stack.region.notify import told"),
    ],
)
def test_the_order_of_rooms_refuses(module: str, source: str) -> None:
    assert upwards(module, source)


def test_no_folder_shadows_the_constructs_package() -> None:
    assert not (ROOT / "constructs").exists()


def test_only_app_reads_the_environment() -> None:
    """Settings come from the strategy; the functions' environment is written by the stacks."""
    for part in ("strategy", "components", *STACKS):
        for module in (ROOT / part).rglob("*.py"):
            assert "os" not in set(imports(module.read_text())), module

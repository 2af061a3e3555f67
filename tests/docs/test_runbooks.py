"""The runbooks are what the generator writes, can be typed as they stand, and tell nothing that is not the environment's.

That they work is shown by `tests/rehearsal/test_runbooks.py`, which runs every block.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from recovery.__main__ import app
from recovery.runbooks import ROUTES, render
from recovery.runbooks.steps import told
from strategy import load
from strategy.catalogue.routes import Mode, Route, modes, steps
from tests.runbooks import blocks, recovery_commands
from tools.runbooks.__main__ import FOLDER, pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages()
DEV = {route: render(load("dev"), route) for route in ROUTES}


@pytest.mark.proves(
    "documents.runbook-audit-table",
    "documents.runbook-mysql-point-in-time",
    "documents.runbook-mysql-recovery-point",
    "documents.runbook-region",
)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_generator_writes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "run `make docs`"


def test_there_is_one_for_every_route_and_no_other() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {*(f"{route}.md" for route in Route), "region.md"}


@pytest.mark.parametrize("route", Route)
def test_every_step_is_explained_under_its_name(route: Route) -> None:
    for mode in modes(route):
        assert tuple(step for step, _ in told(route, mode)) == steps(route, mode)
    for step in steps(route, Mode.SWITCH):
        assert f" | {step} | " in PAGES[f"{route}.md"]


@pytest.mark.parametrize("route", ROUTES)
def test_names_are_the_environments_own(route: str) -> None:
    dev, prod = DEV[route], PAGES[f"{route}.md"]
    assert "banking-buddy-prod" not in dev
    assert "banking-buddy-dev" not in prod
    assert "345678901234" in prod
    assert "{{" not in dev + prod


@pytest.mark.parametrize("route", ROUTES)
def test_every_block_is_shell_that_bash_accepts(route: str) -> None:
    found = blocks(DEV[route])
    assert found
    for block in found:
        done = subprocess.run(["bash", "-n"], input=block.code, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block.step}: {done.stderr}"


@pytest.mark.parametrize("route", ROUTES)
def test_every_recovery_command_is_one(route: str) -> None:
    """Parsed by the command line itself, with its options and their types; nothing is run."""
    command: Any = typer.main.get_command(app)  # typer keeps its base class to itself
    found = [each for block in blocks(DEV[route]) for each in recovery_commands(block.code)]
    assert found
    for line in found:
        words = shlex.split(
            line.replace("$AT", "2026-11-02T09:13:06Z").replace("$INCIDENT", "2026-11-02T09:13:06Z").replace("$PLAN", "r1a2b3c4d")
        )
        assert words[:3] == ["python", "-m", "recovery"]
        with command.make_context("recovery", words[3:]) as context:
            name, subcommand, rest = command.resolve_command(context, context._protected_args + context.args)
            assert name is not None
            assert subcommand is not None
            subcommand.make_context(name, rest, parent=context).close()


@pytest.mark.parametrize("route", ROUTES)
def test_no_variable_is_used_before_it_is_set(route: str) -> None:
    """A section may use what is set in the blocks before it, whichever way the reader came."""
    known: set[str] = set()
    for block in blocks(DEV[route]):
        code = re.sub(r"'[^']*'", "", block.code)  # JMESPath and Python use the sign for their own purposes
        known |= set(re.findall(r"\b([A-Z]+)=", code)) | {"AWS_REGION"}
        assert set(re.findall(r"\$\{?([A-Z]+)\b", code)) <= known, block.step


@pytest.mark.parametrize("route", ROUTES)
def test_a_password_is_only_ever_in_a_pipe(route: str) -> None:
    """Not in an argument, where every process sees it; not in a variable; not on the screen."""
    for block in blocks(DEV[route]):
        read = block.code.count("get-secret-value")
        assert len(re.findall(r"get-secret-value [^\n|]*(?:\|\n|\ndone \|\n)", block.code)) == read, block.step
        assert "--master-user-password" not in block.code
        assert not re.search(r"=\$\(aws secretsmanager", block.code)


def test_links_lead_somewhere() -> None:
    for page in PAGES.values():
        for target in re.findall(r"\]\(([^)]+)\)", page):
            assert (FOLDER / target).is_file(), target


def test_another_route_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found 'mysql'; allowed: mysql-point-in-time \(mysql-to-a-moment\)"):
        render(load("dev"), "mysql")
    with pytest.raises(KeyError, match="dev has no mysql store 'audit-logs'"):
        render(load("dev"), "mysql-to-a-moment", "audit-logs")

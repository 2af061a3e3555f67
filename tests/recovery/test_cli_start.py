"""The command line starts quickly: what a command needs is imported when it is called, and not before."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.main import get_command

from recovery.__main__ import COMMANDS, app, main
from recovery.cli.exit_codes import ExitCode, run
from recovery.cli.sections import Entry
from recovery.errors import NotKept, Unreachable, WrongInput
from strategy import StrategyError

HEAVY = {"aws_cdk", "boto3", "botocore", "jinja2", "pydantic", "pymysql", "rich"}


def imported(*arguments: str) -> set[str]:
    """Top-level modules that a command line of its own process has imported when it ends."""
    script = (
        "import contextlib, io, sys\n"
        "from recovery.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): code = main(sys.argv[1:])\n"
        "print(code, *{name.partition('.')[0] for name in sys.modules})"
    )
    shown = subprocess.check_output([sys.executable, "-c", script, *arguments], text=True)
    code, *modules = shown.split()
    assert int(code) == ExitCode.DONE
    return set(modules)


def test_the_list_of_commands_imports_none_of_them() -> None:
    assert imported("--help") & HEAVY == set()


def test_a_command_imports_what_it_needs() -> None:
    """The look above can see: a command's own help has its modules."""
    assert {"boto3", "pydantic"} <= imported("status", "--help")
    assert "jinja2" not in imported("status", "--help")


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_line_of_the_list_is_a_command(entry: Entry) -> None:
    group: Any = get_command(app)  # typer keeps its base class to itself
    with group.make_context("recovery", ["--help"], resilient_parsing=True) as context:
        command = group.get_command(context, entry.name)
    assert command.name == entry.name
    assert command.help
    assert command.callback is not None or command.commands


@pytest.mark.parametrize(("former", "name"), [("hand-over", "planned-failover"), ("late", "late-writes")])
def test_a_former_name_works_and_is_not_listed(former: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for each in (former, name):
        assert main([each, "--help"]) == ExitCode.DONE
        shown[each] = capsys.readouterr().out.replace(f"recovery {each} ", "recovery ")
    assert shown[former] == shown[name]
    assert main(["--help"]) == ExitCode.DONE
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert name in listed
    assert former not in listed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotKept, ExitCode.NOT_KEPT),
        (WrongInput, ExitCode.WRONG_INPUT),
        (StrategyError, ExitCode.WRONG_INPUT),
        (Unreachable, ExitCode.AWS_TROUBLE),
    ],
)
def test_an_error_says_how_the_command_ends(error: type[Exception], code: ExitCode, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(error("why")), [], program="recovery") == code
    assert capsys.readouterr().err == "recovery: why\n"


def test_an_error_that_nobody_expected_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()), [], program="recovery")


def raising(error: Exception) -> typer.Typer:
    found = typer.Typer()

    @found.command()
    def command() -> None:
        raise error

    return found

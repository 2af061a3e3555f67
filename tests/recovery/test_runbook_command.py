"""`python -m recovery runbook`."""

from __future__ import annotations

import json

import pytest

from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from recovery.runbooks import ROUTES, render
from strategy import load


@pytest.mark.parametrize("route", ROUTES)
def test_it_prints_the_page_of_its_environment(route: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", route, "--env", "staging"]) == ExitCode.DONE
    assert capsys.readouterr().out == render(load("staging"), route)


def test_json_is_one_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", "region", "--env", "dev", "--json"]) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert found == {"route": "region", "environment": "dev", "markdown": render(load("dev"), "region")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mysql"], "found 'mysql'; allowed: mysql-to-a-moment"),
        (["mysql-to-a-moment", "--store", "audit-logs"], "dev has no mysql store 'audit-logs'"),
    ],
)
def test_what_there_is_not_is_wrong_input(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", *words, "--env", "dev"]) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err

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


@pytest.mark.parametrize("kind", ["mysql", "dynamodb"])
def test_a_route_is_found_by_its_name_as_by_its_id(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", f"{kind}-point-in-time", "--env", "dev", "--json"]) == ExitCode.DONE
    by_name = capsys.readouterr().out
    assert main(["runbook", f"{kind}-to-a-moment", "--env", "dev", "--json"]) == ExitCode.DONE
    assert capsys.readouterr().out == by_name
    assert json.loads(by_name)["route"] == f"{kind}-to-a-moment", "the id, in what programs read"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mysql"], "found 'mysql'; allowed: mysql-point-in-time (mysql-to-a-moment), mysql-from"),
        (["mysql-to-a-moment", "--store", "audit-logs"], "dev has no mysql store 'audit-logs'"),
    ],
)
def test_what_there_is_not_is_wrong_input(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", *words, "--env", "dev"]) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err

"""`python -m recovery strategy`: what it says, to whom, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from rich.console import Console
from typer.main import get_command

from deployment import bundle
from recovery.__main__ import app as recovery_app
from recovery.__main__ import main
from recovery.cli import strategy_page
from recovery.cli.exit_codes import ExitCode, run
from recovery.cli.sections import Sections
from recovery.cli.strategy_report import Report
from strategy import Strategy, load
from strategy.checks.objectives import State
from strategy.model.loader import ENVIRONMENTS

TODAY = "2026-11-23"
DAY = date(2026, 11, 23)
AFTER_THE_ACCEPTED = "2027-07-01"


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["strategy", "--json", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def page(strategy: Strategy, *, width: int = 100, colours: bool = False) -> str:
    """What a terminal of that width shows."""
    out = io.StringIO()
    system: Literal["truecolor"] | None = "truecolor" if colours else None
    terminal = Console(file=out, width=width, highlight=False, force_terminal=True, color_system=system, _environ={})
    strategy_page.show(Report.of(strategy, DAY), terminal)
    return out.getvalue()


@pytest.mark.proves("objectives.verdicts", "schedule.overlap")
def test_a_kept_strategy_ends_with_0_and_shows_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "--date", TODAY]) == ExitCode.DONE
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in (
        "mysql recovery point RPO 12h 7h 17m kept recovery points",
        "audit-logs region loss RPO 12h 1s kept replica of the table",
        "mysql recovery point RTO 15m assessment + 3h restore of 32 GB (mysql) + 30m verification + 15m cutover = 4h",
        "02:00 every day daily-backup-rule 7d 7d 366 2026-11-23 2027-11-23 12-hour-backup-rule",
        "sftp-host - 30m platform team 2027-06-30 A mock mainframe and bastion without real data; set up anew from code",
    ):
        assert line in lines
    assert lines[-1] == "Every promise is kept."


def test_prod_is_shown_unless_another_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert as_json(capsys, "--date", TODAY)["environment"] == "prod"


def test_an_accepted_breach_is_a_warning_that_stands_in_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "--env", "dev", "--date", TODAY]) == ExitCode.DONE
    shown = capsys.readouterr().out
    assert "13h 31m  accepted  copies" in shown
    assert "RPO  14h    platform team  2027-06-30  Two runs a day" in shown
    assert shown.count("\nwarning: ") == 4
    assert shown.endswith("Kept, but for what is accepted: 4 warnings above.\n")


@pytest.mark.proves("calendar.expiry-dates", "objectives.verdicts")
def test_past_its_date_it_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "--env", "dev", "--date", AFTER_THE_ACCEPTED]) == ExitCode.NOT_KEPT
    shown = capsys.readouterr().out
    assert "13h 31m  BROKEN, past its date  copies" in shown
    assert "\nerror: stores[mysql].objectives.region_loss.rpo: RPO not kept" in shown
    assert "NOT KEPT: 10 errors" in shown.splitlines()[-1]  # four breaches, and the review of six exclusions


@pytest.mark.proves("calendar.reassessment")
def test_regions_can_be_swapped_and_are_judged_anew(capsys: pytest.CaptureFixture[str]) -> None:
    swapped = as_json(capsys, "--date", TODAY, "--primary", "ap-southeast-2", "--recovery", "ap-southeast-1")
    assert (swapped["regions"], swapped["kept"]) == ({"primary": "ap-southeast-2", "recovery": "ap-southeast-1"}, True)
    assert main(["strategy", "--date", TODAY, "--primary", "eu-west-1"]) == ExitCode.NOT_KEPT
    assert "RDS does not replicate automated backups from eu-west-1" in capsys.readouterr().out


def test_the_day_is_today_in_utc_unless_given(capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC).date()
    found = date.fromisoformat(as_json(capsys)["date"])
    assert before <= found <= datetime.now(UTC).date()
    assert as_json(capsys, "--date", "2026-12-31")["date"] == "2026-12-31"


def test_json_keeps_its_shape(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "dev", "--date", TODAY)
    top = "format environment account prefix production regions date kept promises schedule exclusions accepted_breaches findings"
    assert list(found) == top.split()
    accepted = {"up_to_seconds", "reason", "owner", "until"}
    names = {"store", "scenario", "objective"}
    sums = {"promised_seconds", "worst_seconds", "how", "arithmetic", "verdict", "accepted"}
    own = {"name", "types", "paths", "reason", "owner", "review", "rpo_seconds", "rto_seconds"}
    runs = {"at", "days", "rule", "instead_of", "keep_days", "copy_keep_days", "runs", "first", "last"}
    assert set(found["schedule"]) == {"from", "to", "runs"}
    for rows, keys in (
        (found["promises"], names | sums),
        (found["schedule"]["runs"], runs),
        (found["exclusions"], own),
        (found["accepted_breaches"], names | accepted),
        (found["findings"], {"severity", "guard", "key", "message"}),
    ):
        assert rows
        assert all(set(row) == keys for row in rows)
    assert all(set(row["accepted"]) == accepted for row in found["promises"] if row["accepted"])


@pytest.mark.proves("objectives.verdicts")
def test_json_says_what_the_strategy_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "dev", "--date", TODAY)
    breach = next(each for each in found["promises"] if (each["store"], each["scenario"]) == ("mysql", "region_loss"))
    assert (breach["promised_seconds"], breach["worst_seconds"]) == (12 * 3600, 13 * 3600 + 31 * 60)
    assert (breach["verdict"], breach["accepted"]["up_to_seconds"]) == ("accepted", 15 * 3600)
    sunday = next(each for each in found["schedule"]["runs"] if each["days"] == ["Sun"])
    assert (sunday["at"], sunday["rule"], sunday["keep_days"]) == ("03:00", "weekly-backup-rule", 30)
    assert sunday["first"] == "2026-11-29T03:00:00+00:00"
    assert {each["name"]: each["rto_seconds"] for each in found["exclusions"]}["sftp-host"] == 1800
    assert {each["severity"] for each in found["findings"]} == {"warning"}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_resolved_prints_the_whole_strategy(capsys: pytest.CaptureFixture[str], tmp_path: Path, environment: str) -> None:
    assert main(["strategy", "--resolved", "--env", environment]) == ExitCode.DONE
    (tmp_path / f"{environment}.toml").write_text(capsys.readouterr().out)
    assert load(environment, directory=tmp_path) == load(environment)


def test_resolved_in_json_and_swapped(capsys: pytest.CaptureFixture[str]) -> None:
    swap = ["--primary", "ap-southeast-2", "--recovery", "ap-southeast-1"]
    assert main(["strategy", "--resolved", "--json", "--env", "dev", *swap]) == ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["environment"], found["files"]) == (1, "dev", ["dev.toml", "base.toml"])
    strategy = Strategy.model_validate(found["strategy"])
    assert strategy == load("dev", primary="ap-southeast-2", recovery="ap-southeast-1")


def test_resolved_judges_nothing_but_refuses_what_does_not_load(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["strategy", "--resolved", "--primary", "eu-west-1"]) == ExitCode.DONE
    capsys.readouterr()
    own = tmp_path / "dev.toml"
    own.write_text((ENVIRONMENTS / "dev.toml").read_text())
    assert main(["strategy", "--resolved", "--env", str(own)]) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (
        "",
        "recovery: dev.toml: extends: found 'base.toml'; there is no such file beside it\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["strategy", "--env", "live"], "unknown environment 'live': choose one of dev, prod, staging"),
        (["strategy", "--primary", "ap-southeast-2"], "primary and recovery are both 'ap-southeast-2'"),
        (["strategy", "--recovery", "Sydney"], "regions.recovery"),
        (["strategy", "--date", "23.11.2026"], "found '23.11.2026'; allowed: a day such as 2026-11-23"),
        (["strategy", "--date", "9999-12-31"], "found '9999-12-31'; allowed: 1970-01-01 to 2198-12-31"),
        (["strategy", "--date", ""], "allowed: a day such as"),
        (["strategy", "--colour"], "--colour"),
        (["strategy", "more"], "more"),
        (["restores"], "restores"),
        ([], "Missing command"),
    ],
)
def test_wrong_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(arguments) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("recovery: ")
    assert said in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("width", [100, 120])
@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_a_terminal_of_100_columns_breaks_no_name_and_no_number(environment: str, width: int) -> None:
    strategy = load(environment)
    shown = page(strategy, width=width)
    assert max(map(len, shown.splitlines())) <= width
    for word in (
        *(rule.name for rule in strategy.rules),
        *(each.name for each in strategy.exclusions),
        "2027-06-30",
        "4h 6m 30s",
    ):
        assert word in shown


def test_colours_say_nothing_that_words_do_not() -> None:
    coloured, plain = page(load("dev"), colours=True), page(load("dev"))
    assert "\x1b[33maccepted" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_each_way_of_not_keeping_a_promise_has_its_words() -> None:
    strategy = load("dev")
    assert "13h 31m  BROKEN  " in page(strategy.model_copy(update={"accepted_breaches": ()}))
    smaller = tuple(each.model_copy(update={"up_to": timedelta(hours=13)}) for each in strategy.accepted_breaches)
    exceeded = strategy.model_copy(update={"accepted_breaches": smaller})
    assert "13h 31m  BROKEN, past its limit  copies" in page(exceeded)
    assert {each.state for each in Report.of(exceeded, DAY).verdicts} == {State.KEPT, State.EXCEEDED}


def test_a_promise_without_bound_says_so() -> None:
    strategy = load("prod")
    ended = strategy.rules[0].model_copy(update={"schedule": "cron(0 2 * * ? 2020)"})
    report = Report.of(strategy.model_copy(update={"rules": (ended,)}), DAY)
    assert not report.kept
    assert "unbounded" in page(report.strategy)
    assert any(each["worst_seconds"] is None for each in report.as_json()["promises"])


def test_help_names_the_commands_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == ExitCode.DONE
    shown = " ".join(capsys.readouterr().out.split())
    assert "Usage: python -m recovery" in shown
    assert "strategy Show every promise" in shown
    for code in ("0 done", "1 a promise is broken", "2 wrong input", "3 AWS", "4 stopped"):
        assert code in shown


def test_every_command_stands_in_a_section_with_one_whole_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    commands = get_command(recovery_app)
    assert isinstance(commands, Sections)
    for name, command in commands.commands.items():
        assert f"\n  {name} " in shown
        assert command.short_help, name
        assert f" {command.short_help}\n" in shown, name
    assert "\nCommands:" not in shown
    assert [line for line in shown.splitlines() if line.startswith("When something is broken")]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, typer.Abort])
def test_ctrl_c_is_a_code_of_its_own(capsys: pytest.CaptureFixture[str], stop: type[BaseException]) -> None:
    app = typer.Typer()

    @app.command()
    def wait() -> None:
        raise stop

    assert run(app, [], program="recovery", wrong_input=()) == ExitCode.STOPPED
    assert capsys.readouterr().err.strip() == "recovery: stopped by the operator"


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_reader_that_leaves_is_no_broken_promise(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        command = [sys.executable, "-m", "recovery", "strategy", "--date", TODAY, *arguments]
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, cwd=bundle.ROOT, check=False)
    assert (done.returncode, done.stderr) == (ExitCode.STOPPED, b"")


def test_the_functions_do_not_carry_the_command_line() -> None:
    carried = bundle.reachable(sorted((bundle.ROOT / "recovery" / "handlers").glob("*.py")))
    assert carried
    assert not [each for each in carried if Path("recovery/cli") in each.relative_to(bundle.ROOT).parents]

"""`python -m recovery cost`: what it says, what a what-if changes, and how it ends."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from recovery.__main__ import main
from recovery.aws import AwsTrouble
from recovery.billing import Billed
from recovery.cli import cost
from recovery.cli.exit_codes import ExitCode
from strategy.cost import Price, Prices

TODAY = ("--date", "2026-11-26")


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: ExitCode = ExitCode.DONE) -> dict[str, Any]:
    assert main(["cost", "--json", *TODAY, *arguments]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_page_has_the_sum_first_and_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--env", "dev", *TODAY]) == ExitCode.DONE
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert re.fullmatch(r"banking-buddy-dev \(dev\): \$\d+\.\d\d a month", lines[0])
    for title in ("What is paid for", "What each promise costs", "Line by line", "What the figures rest on"):
        assert title in lines
    assert any(
        line.startswith("audit-logs region loss replica of the table 1s $") and line.endswith("not chosen") for line in lines
    )
    assert any("$1.27 the strategy's estimate" in line for line in lines)


def test_the_json_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "prod")
    assert sum(each["usd"] for each in found["lines"]) == pytest.approx(found["total"], abs=0.01)
    assert sum(each["usd"] for each in found["purposes"]) == pytest.approx(found["total"], abs=0.01)
    assert found["grown"] > found["total"] > found["second_region"] > 0
    assert all(each["source"] and each["on"] for each in found["prices"])
    assert (found["what_if"], found["actual"], found["unpriced"]) == (None, None, [])


@pytest.mark.proves("cost.what-if")
def test_a_what_if_prints_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "prod", "--size", "audit-logs=10GB", "--replica", "off")
    other = found["what_if"]
    assert other["asked"] == "--size audit-logs=10GB --replica off"
    assert sum(each["usd"] for each in other["changes"]) == pytest.approx(other["total"] - found["total"], abs=0.01)
    changes = {each["purpose"]: each["usd"] for each in other["changes"]}
    assert changes["minutes of loss, not hours, when a region is lost"] < 0
    assert changes["the same recovery points in a second region"] > 0
    assert other["breaks"] == []


@pytest.mark.proves("cost.what-if")
def test_keeping_less_costs_less(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "dev", "--keep", "weekly-backup-rule=14d")
    assert found["what_if"]["total"] < found["total"]


def test_a_what_if_that_breaks_a_promise_says_which_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "--env", "prod", "--keep", "weekly-backup-rule=60d", code=ExitCode.NOT_KEPT)
    assert any(
        "rules[weekly-backup-rule].keep: found 60d, outside the vault lock's" in each for each in found["what_if"]["breaks"]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "mysq=5GB"], r"--size: found 'mysq=5GB'; allowed: NAME=VALUE, with a name of mysql, audit-logs"),
        (["--size", "mysql=five"], r"--size: found 'five'; a size is a number and a unit"),
        (["--keep", "daily-backup-rule=12h"], r"--keep: found '12h'; allowed: whole days, at least 1d"),
        (["--keep", "daily-backup-rule"], r"--keep: found 'daily-backup-rule'; allowed: NAME=VALUE"),
        (["--replica", "maybe"], r"--replica: found 'maybe'; allowed: on or off"),
    ],
)
def test_a_wrong_what_if_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["cost", *TODAY, *arguments]) == ExitCode.WRONG_INPUT
    captured = capsys.readouterr()
    assert re.search(message, captured.err)
    assert len(captured.err.splitlines()) == 1


def test_the_html_needs_nothing_from_elsewhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "cost.html"
    assert main(["cost", "--env", "prod", *TODAY, "--replica", "off", "--html", str(page)]) == ExitCode.DONE
    text = page.read_text(encoding="utf-8")
    assert capsys.readouterr().err.strip() == f"written to {page}"
    assert "What if --replica off" in text
    assert re.findall(r"(?:src|href)=[^ >]*|@import|url\(", text) == ['href="data:,"'], "an empty icon, or a browser asks for one"
    assert text.count("<table>") == text.count("</table>") == 6


def test_a_refresh_is_kept_in_the_price_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "prices.toml"
    monkeypatch.setattr(cost, "FILE", kept)
    newer = Price("key", "ap-southeast-1", 2.0, "key-month", "the test", date(2026, 11, 26), checked=True)
    monkeypatch.setattr(cost, "refreshed", lambda *_: ([newer], ["alarm in ap-southeast-2"]))
    before = as_json(capsys, "--env", "dev")["total"]
    assert main(["cost", "--env", "dev", "--json", "--refresh", *TODAY]) == ExitCode.DONE
    captured = capsys.readouterr()
    assert json.loads(captured.out)["total"] == pytest.approx(before + 3, abs=0.001)
    assert Prices.load(kept).of("key", "ap-southeast-1") == newer
    assert "not in the price list, and left as they were: alarm in ap-southeast-2" in captured.err


def test_what_was_billed_stands_beside(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bill = Billed(date(2026, 10, 1), (("APS1-TimedBackupStorage-ByteHrs", 3.2),))
    monkeypatch.setattr(cost, "billed", lambda _: bill)
    assert as_json(capsys, "--actual")["actual"] == {
        "month": "2026-10-01",
        "usd": 3.2,
        "usage": [{"usage": "APS1-TimedBackupStorage-ByteHrs", "usd": 3.2}],
    }


def test_a_bill_that_cannot_be_read_leaves_the_computed_one_and_ends_with_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: date) -> Billed:
        raise AwsTrouble("us-east-1 could not be asked: no network")

    monkeypatch.setattr(cost, "billed", unreachable)
    found = as_json(capsys, "--actual", code=ExitCode.AWS_TROUBLE)
    assert found["total"] > 0
    assert found["actual"] == {"not_checked": "us-east-1 could not be asked: no network"}

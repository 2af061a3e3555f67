"""`python -m recovery rto`: its page, its picture, its JSON, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from recovery.__main__ import main
from recovery.cli import rto
from recovery.cli.exit_codes import ExitCode
from strategy import load
from strategy.model.strategy import Standby

HOUR = 3600


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["rto", "--json", *arguments]) == ExitCode.DONE
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.proves("recovery-region.tier-comparison", "region-loss.timeline")
def test_the_page_shows_timeline_hand_procedure_and_tiers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rto", "--size", "300GB"]) == ExitCode.DONE
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "The workflow: 6h 6m 30s until the traffic is there" in shown
    assert "The strategy's procedure by hand: 8h to 11h" in shown
    restore = next(line for line in shown if line.startswith("restore of 300 GB (mysql)"))
    activation = next(line for line in shown if line.startswith("activate the workload"))
    assert ("█" in restore, "▒" in restore) == (True, False)
    assert ("█" in activation, "▒" in activation) == (False, True)
    assert any(line.startswith("warm 56m 30s 5m") for line in shown)


def test_json_gives_every_step_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--size", "20GB", "--tier", "warm")
    keys = "format environment size tier rto_seconds overhead_seconds overhead_share critical_path steps by_hand tiers"
    assert list(found) == keys.split()
    assert (found["tier"], found["size"]) == ("warm", "20 GB")
    steps = found["steps"]
    assert isinstance(steps, list)
    assert all(part["source"] for step in steps for part in step["parts"])
    assert found["rto_seconds"] == next(step["end_seconds"] for step in steps if step["name"] == "cut over")
    by_hand = found["by_hand"]
    assert isinstance(by_hand, dict)
    assert (by_hand["least_seconds"], by_hand["most_seconds"]) == (8 * HOUR, 11 * HOUR)
    tiers = found["tiers"]
    assert isinstance(tiers, list)
    assert all(each["usd_a_month"] > 0 for each in tiers)
    assert "cache" in tiers[-1]["unpriced"]


@pytest.mark.proves("recovery-region.tier-comparison")
def test_the_strategys_own_tier_is_drawn_unless_another_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys)["tier"] == "backup-and-restore"
    warm = load("prod").model_copy(update={"standby": Standby.WARM})
    monkeypatch.setattr(rto, "load", lambda *_, **__: warm)
    assert told(capsys)["tier"] == "warm"
    assert told(capsys, "--tier", "pilot-light")["tier"] == "pilot-light"


@pytest.mark.proves("region-loss.timeline")
def test_the_picture_needs_nothing_else_and_can_be_read_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rto.html"
    assert main(["rto", "--html", str(file)]) == ExitCode.DONE
    assert f"wrote {file}" in capsys.readouterr().err
    page = file.read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=[^ >]*|@import|url\(", page) == ['href="data:,"'], "an empty icon, or a browser asks for one"
    pictures = [ET.fromstring(each) for each in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]  # noqa: S314  our own page
    assert len(pictures) == 2
    workflow, by_hand = pictures
    assert workflow.get("role") == "img"
    assert "Critical path: assess, approve the recovery, restore of 32 GB (mysql)" in (workflow.get("aria-label") or "")
    assert "8h to 11h" in (by_hand.get("aria-label") or "")
    for bar in [*workflow.iter("rect"), *by_hand.iter("rect")]:
        x, width = (float(bar.get(each, "").removesuffix("%")) for each in ("x", "width"))
        assert width > 0
        assert x + width <= 100.01


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--size", "20"], "found '20'; a size is a number and a unit"),
        (["--tier", "hot"], "'hot' is not one of 'backup-and-restore', 'pilot-light', 'warm'"),
        (["--size", "65TB"], "restore of 65000 GB (mysql) has no modelled duration: add a band"),
        (["--html", "/nowhere/at/all.html"], "No such file or directory; give a file in a folder that exists"),
    ],
)
def test_wrong_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(["rto", *arguments]) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1

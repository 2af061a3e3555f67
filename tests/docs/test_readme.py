"""The README says what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.real_vs_modelled import MODELLED, REAL
from strategy import load
from strategy.formatting import duration_text
from strategy.model.strategy import Scenario

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.proves("documents.readme")
@pytest.mark.parametrize("row", [*REAL, *MODELLED], ids=lambda row: row[0])
def test_what_is_real_and_what_is_modelled_is_the_reports_own_list(row: tuple[str, str]) -> None:
    assert f"| {row[0]} | {row[1]} |" in README


def test_nothing_else_is_called_real_or_modelled() -> None:
    section = README.split("<!-- honesty")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, flags=re.MULTILINE)
    assert {tuple(map(str.strip, row)) for row in rows} == {*REAL, *MODELLED}


@pytest.mark.proves("documents.readme")
@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b", README)) - {"alone"}))
def test_every_make_target_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*## ", MAKEFILE, flags=re.MULTILINE), f"README says `make {target}`"


@pytest.mark.proves("documents.readme")
@pytest.mark.parametrize("path", re.findall(r"`((?:docs|tests|strategy|environments|rehearsal|recovery|build)/[^`*]*)`", README))
def test_every_path_it_names_exists(path: str) -> None:
    assert path.startswith("build/") or (ROOT / path).exists()


def test_the_rehearsals_flags_it_shows_exist() -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "rehearsal", "run", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    shown = set(re.findall(r"rehearsal run ([^#\n]*)", README))
    flags = {flag for line in shown for flag in re.findall(r"--[a-z]+", line)}
    assert flags
    assert all(flag in helped for flag in flags)


def test_the_promises_it_shows_are_productions() -> None:
    strategy = load("prod")
    table = README.split("<!-- promises")[1].split("\n\n")[0]
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")][1:]
    kept = [
        [
            f"RPO {duration_text(store.objectives.of(each).rpo)}, RTO {duration_text(store.objectives.of(each).rto)}"
            for each in (Scenario.POINT_IN_TIME, Scenario.RECOVERY_POINT, Scenario.REGION_LOSS)
        ]
        for store in strategy.stores
    ]
    assert [row[1:] for row in shown] == kept
    assert [row[0].split(":")[0].lower() for row in shown] == [str(store.kind) for store in strategy.stores]


@pytest.mark.parametrize("path", re.findall(r"\]\((docs/[^)]*)\)", README))
def test_every_link_and_picture_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.svg")), ids=lambda path: path.name)
def test_pictures_reach_for_nothing_outside(picture: Path) -> None:
    assert set(re.findall(r"https?://(?!localhost)[^\"' )]+", picture.read_text(encoding="utf-8"))) <= {
        "http://www.w3.org/2000/svg"
    }

"""The suite's own machinery: nothing runs twice on one tree, nothing is left out, and what takes long starts first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import seconds
from tests.seconds import Cost, by_group, record, recorded, weight
from tools import suite


class Runs:
    """The suite with its commands counted, and a tree that is called what a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.patch, self.ran, self.code, self.tree = monkeypatch, list[str](), 0, "one"
        monkeypatch.setattr(suite, "PASSED", folder / "tests" / "passed")
        monkeypatch.setattr(suite, "lint", lambda: 0)
        monkeypatch.setattr(suite, "digest", lambda: self.tree)
        monkeypatch.setattr(suite, "run", self.run)
        monkeypatch.setattr(suite, "beside_types", self.run)

    def run(self, tier: str, more: list[str]) -> int:
        self.ran.append(" ".join([tier, *more]))
        return self.code

    def make(self, *words: str) -> int:
        self.patch.setattr(sys, "argv", ["suite", *words])
        return suite.main()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    return Runs(monkeypatch, tmp_path)


def test_after_a_test_on_the_same_tree_the_rest_is_run(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert (runs.make(), runs.make("--all")) == (0, 0)
    assert runs.ran == ["test", "rest"]
    assert "what follows is the rest" in capsys.readouterr().out


@pytest.mark.parametrize("tree", ["another", ""])
def test_another_tree_or_none_that_is_known_runs_all(runs: Runs, tree: str) -> None:
    runs.make()
    runs.tree = tree
    runs.make("--all")
    assert runs.ran == ["test", "all"]


def test_what_failed_has_not_passed(runs: Runs) -> None:
    runs.make()
    runs.code = 1
    assert runs.make() == 1
    runs.make("--all")
    assert runs.ran == ["test", "test", "all"]


def test_less_than_the_tier_has_not_passed(runs: Runs) -> None:
    runs.make("-k", "cron")
    runs.make("--all")
    assert runs.ran == ["test -k cron", "all"]


def test_a_record_is_no_less(runs: Runs) -> None:
    runs.make("--record", "file")
    runs.make("--record", "file", "--all")
    assert runs.ran == ["test --record file", "rest --record file"]


def test_the_tiers_are_the_whole() -> None:
    assert suite.TIERS["all"] == ()
    (_, test), (_, rest) = suite.TIERS["test"], suite.TIERS["rest"]
    assert test == f"not {rest}"


def test_the_tree_is_told_apart_by_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    assert suite.digest() == "", "no tree of git's"
    subprocess.run(("git", "init", "--quiet"), cwd=tmp_path, check=True)
    (tmp_path / "module.py").write_text("1\n")
    first = suite.digest()
    (tmp_path / "module.py").write_text("2\n")
    second = suite.digest()
    (tmp_path / "other.py").write_text("")
    assert len({"", first, second, suite.digest()}) == 4


def test_a_group_costs_what_its_tests_cost_and_short_ones_are_not_kept(tmp_path: Path) -> None:
    costs = [Cost("a::1", "world", 40.0), Cost("b::1", "b::1", 0.2), Cost("a::2", "world", 2.5), Cost("c::1", "c::1", 50.0)]
    for each in costs:
        record(tmp_path / "record", each)
    assert recorded(tmp_path / "record") == costs
    assert list(by_group(costs).items()) == [("c::1", 50.0), ("world", 42.5)]


def test_what_is_new_starts_before_what_is_short() -> None:
    known = {"world": 42.5}
    assert weight("new world", known, alone=False) > weight("world", known, alone=False) > weight("new test", known, alone=True)


def test_what_a_test_starts_counts() -> None:
    meter = seconds.Meter()
    meter.spent()
    subprocess.run((sys.executable, "-c", "sum(range(10**6))"), check=True)
    assert meter.spent() > 0

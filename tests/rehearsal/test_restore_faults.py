"""Restores under seeded trouble, on one small deployment: nothing is made twice, nothing old is touched, each ends well.

`make bench ONLY=faults` runs two hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from rich.console import Console

import rehearsal.fault_series
from rehearsal.fault_series import each_trial
from rehearsal.options import Options
from rehearsal.scenarios.fault_runs import FaultRun
from strategy.catalogue.routes import Mode, Route
from tests.assemblies import deployable

SEEDS = range(1, 21)
pytestmark = pytest.mark.xdist_group("restore-faults")


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[FaultRun]]:
    """The next run, of the next seed that was asked for."""
    mine = (item for item in request.session.items if isinstance(item, pytest.Function) and "trials" in item.fixturenames)
    chosen = [int(str(item.callspec.params["seed"])) for item in mine]
    options = Options("dev", output=tmp_path_factory.mktemp("faults"), assembly=deployable("dev"))
    with closing(each_trial(options, chosen, Console(quiet=True))) as running:
        yield running


@pytest.mark.proves("restore.resume")
@pytest.mark.extended
@pytest.mark.parametrize("seed", SEEDS)
def test_a_restore_under_trouble_ends_well(seed: int, trials: Iterator[FaultRun]) -> None:
    run = next(trials, None)
    assert run is not None, "there is no world: the deployment before this run failed"
    assert run.seed == seed
    assert run.problems == [], str(run)
    assert run.recovered_or_clean
    assert (run.duplicates, run.old_touched) == (0, [])


class Bench:
    """Runs that go wrong by their number."""

    def __init__(self, wrong: set[int], ran: list[list[int]]) -> None:
        self.wrong, self.ran = wrong, ran
        ran.append([])

    def run(self, seed: int) -> FaultRun:
        self.ran[-1].append(seed)
        run = FaultRun(seed, Route.MYSQL_TO_A_MOMENT, Mode.BESIDE, "throttling")
        run.problems += ["it broke"] * (seed in self.wrong)
        return run


def test_a_run_that_went_wrong_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stretch is a world of its own."""
    worlds: list[list[int]] = []
    monkeypatch.setattr(rehearsal.fault_series, "prepared", lambda *_: nullcontext())
    found = each_trial(Options("dev", output=tmp_path), range(6), Console(quiet=True), make=lambda _: Bench({1, 2}, worlds))  # type: ignore[arg-type, return-value]  # stands in for a deployed world
    assert [run.seed for run in found if run.problems] == [1, 2]
    assert worlds == [[0, 1], [2], [3, 4, 5]]

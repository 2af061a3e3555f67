"""Restores under seeded trouble, on one small deployment: nothing is made twice, nothing old is touched, each ends well.

`make bench ONLY=faults` runs two hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from rich.console import Console

from rehearsal.fault_series import each_trial
from rehearsal.scenarios.fault_runs import FaultRun
from rehearsal.session import Options

SEEDS = range(1, 21)
pytestmark = pytest.mark.xdist_group("restore-faults")


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[FaultRun]]:
    """The next run, of the next seed."""
    options = Options("dev", output=tmp_path_factory.mktemp("faults"))
    with closing(each_trial(options, SEEDS, Console(quiet=True))) as running:
        yield running


@pytest.mark.proves("restore.resume")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_restore_under_trouble_ends_well(seed: int, trials: Iterator[FaultRun]) -> None:
    run = next(trials, None)
    assert run is not None, "an earlier run could not put the world back"
    assert run.seed == seed
    assert run.problems == [], str(run)
    assert run.recovered_or_clean
    assert (run.duplicates, run.old_touched) == (0, [])

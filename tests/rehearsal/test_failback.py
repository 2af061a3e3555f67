"""Failback, as a person does it: a region is lost and returns, the roles are swapped, and a planned failover follows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assemblies import deployable

pytestmark = pytest.mark.extended
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.proves("region-loss.failback")
def test_a_region_returns_and_the_bank_comes_home_with_every_row_that_was_written_meanwhile(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rehearsal", "run", "--scenario", "failback", "--seed", "4", "--output", str(tmp_path)]
    command += ["--assembly", str(deployable("dev"))]
    environment = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=3600, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    result = json.loads((tmp_path / "result.json").read_text())
    (scenario,) = result["scenarios"]
    assert (scenario["name"], scenario["outcome"], scenario["verified"]) == ("failback", "recovered", True)
    assert result["findings"] == []
    assert scenario["lost_rows"] > 0, "of the loss, which came between two backups; of the failback, none"
    late = re.search(r"(\d+) late writes are stranded there, and listed", printed)
    assert late is not None
    assert int(late[1]) >= scenario["lost_rows"], "what was lost stands in the region that came back"
    written = re.search(r"([\d,]+) rows and items that were written in ap-southeast-2 are in ap-southeast-1", printed)
    assert written is not None
    assert int(written[1].replace(",", "")) > 100
    assert printed.count("things that hold data are what they were") == 2
    said = (tmp_path / "client.log").read_text()
    assert said.count("health check: passed; read through it: passed") == 8, "four services, in each region"

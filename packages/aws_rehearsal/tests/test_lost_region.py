"""What runs in a region ends with it: executions and functions. Each test has a cloud of its own, to break."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.functions import CODE, create, invoke, trust
from aws_support.state_machines import Machine

REGION = "ap-southeast-1"
OTHER = "ap-southeast-2"


def test_a_lost_region_stops_its_executions_and_no_others(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path) as cloud:
        with cloud.gateway.working():
            machines = [
                Machine(cloud, {"Wait": {"Type": "Wait", "Seconds": 10**6, "End": True}}, region=region)
                for region in (REGION, OTHER)
            ]
            executions = [machine.start() for machine in machines]
            cloud.lose_region(REGION)
            assert machines[1].describe(executions[1])["status"] == "RUNNING"
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            machines[0].describe(executions[0])
        assert machines[1].end(executions[1])["status"] == "SUCCEEDED"


def test_losing_a_region_and_closing_leave_no_worker(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path) as cloud:
        trust(cloud)
        pids = []
        for region in (REGION, OTHER):
            create(cloud, "probe", {"probe.py": CODE}, region=region, Handler="probe.handler")
            pids.append(invoke(cloud, "probe", {}, region=region)[0]["pid"])
        cloud.lose_region(REGION)
        assert not _lives(pids[0])
        assert _lives(pids[1])
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            invoke(cloud, "probe", {})
        assert not (tmp_path / REGION).exists()
    assert not _lives(pids[1])


def _lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and ") Z " not in status.read_text()

"""What the tests of `Cloud.faults` share: a thing of a kind, and what must hold of it in each status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import STATES, Cloud, State
from aws_support.rds import HERE

Call = Callable[[], Any]
SECOND = timedelta(seconds=1)


class Bench(NamedTuple):
    """One thing of a kind: its name, what AWS says of it now (None: gone), and the calls that a status may refuse."""

    cloud: Cloud
    kind: str
    name: str
    status: Callable[[], str | None]
    calls: Mapping[str, Call]

    def put(self, status: str) -> State:
        self.cloud.faults.put(self.kind, self.name, status, region=HERE)
        assert self.status() == status
        return STATES[self.kind][status]

    def check(self, status: str) -> None:
        """It is there, refuses what it must, and ends by itself where it does."""
        state = self.put(status)
        for operation, code in state.refuses.items():
            with pytest.raises(ClientError) as caught:
                self.calls[operation]()
            assert caught.value.response["Error"]["Code"] == code, (status, operation, caught.value)
            assert status in str(caught.value) or code != "InvalidDBInstanceState", caught.value
        if state.lasts is None:
            pass_time(self.cloud, timedelta(days=8))  # the longest ends after seven
            assert self.status() == status, "it does not end by itself"
        else:
            pass_time(self.cloud, state.lasts / 2)  # the clock ticks on while a slow machine looks
            assert self.status() == status, "too early"
            pass_time(self.cloud, state.lasts / 2 + SECOND)
            assert self.status() == (state.then or None)


def pass_time(cloud: Cloud, span: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + span)


def gone(describe: Call) -> Any:
    """None where AWS says that there is no such thing."""
    try:
        return describe()
    except ClientError as error:
        if "NotFound" in error.response["Error"]["Code"]:
            return None
        raise

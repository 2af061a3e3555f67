"""The modelled wait between two looks at a job is the workflows' own."""

from __future__ import annotations

from dr_stack.workflow.steps import EVERY
from strategy import load


def test_the_wait_between_two_looks_is_the_workflows() -> None:
    assert {load(name).durations.workflow.poll.takes for name in ("dev", "staging", "prod")} == {EVERY}

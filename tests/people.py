"""Who types a command in a test's own process: somebody with the managed policies of their duty, as the stacks deploy them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from aws_rehearsal import Cloud
from rehearsal.scenarios.people import Duty, People
from strategy import Strategy
from tests.assemblies import synthesised

_ENROLLED: WeakKeyDictionary[Cloud, People] = WeakKeyDictionary()
"""IAM is no part of a region: who is in it stays when a cloud is emptied for the next test."""


def sign_in_as(duty: Duty, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, strategy: Strategy) -> None:
    """Until the end of the test, every client that is made from the environment is in a session of theirs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    session = enrolled(cloud, strategy).session(strategy, duty, strategy.regions.recovery)
    for name, value in session.environment().items():
        monkeypatch.setenv(name, value)


def enrolled(cloud: Cloud, strategy: Strategy) -> People:
    """The people of a cloud, in which the rest of the strategy need not be deployed: its policies for them are made."""
    if cloud not in _ENROLLED:
        iam = cloud.client("iam", strategy.regions.primary)
        for name, document in _policies(strategy):
            iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
        people = People(cloud)
        people.enrol(strategy)
        _ENROLLED[cloud] = people
    return _ENROLLED[cloud]


def _policies(strategy: Strategy) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in synthesised(strategy).glob("*.template.json"):
        for each in json.loads(file.read_text(encoding="utf-8"))["Resources"].values():
            if each["Type"] == "AWS::IAM::ManagedPolicy":
                yield each["Properties"]["ManagedPolicyName"], each["Properties"]["PolicyDocument"]

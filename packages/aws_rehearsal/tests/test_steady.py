"""Requests are threads: what a backend holds may change while another request walks it."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.sns.models import sns_backends

from aws_rehearsal import Cloud
from aws_rehearsal.steady import steady

KINDS = [{"a": 1, "b": 2}, OrderedDict(a=1, b=2), defaultdict(int, a=1, b=2)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize(
    "walk", [lambda found: found, lambda found: found.keys(), lambda found: found.values(), lambda found: found.items()]
)
def test_a_walk_sees_what_was_there_when_it_began(kind: Any, walk: Any) -> None:
    found = steady(copy.copy(kind))
    assert [found.update({number: number}) for number, _ in enumerate(walk(found))] == [None, None]
    assert len(found) == 4


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_it_is_the_dictionary_that_it_was(kind: Any) -> None:
    found = steady(copy.copy(kind))
    assert found == kind
    assert isinstance(found, type(kind))
    assert found.keys() & {"a"} == {"a"}
    assert dict(copy.deepcopy(found)) == dict(kind)
    assert type(copy.deepcopy(found)) is type(found)


def test_a_default_is_still_made_and_an_order_still_moved() -> None:
    assert steady(defaultdict(list))["new"] == []
    ordered = steady(OrderedDict(a=1, b=2))
    ordered.move_to_end("a")
    assert list(ordered) == ["b", "a"]


def test_what_a_backend_has_can_be_walked_while_it_changes(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path) as cloud:
        iam, sns = cloud.client("iam", "us-east-1"), cloud.client("sns", "ap-southeast-1")
        for number in range(3):
            iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
            sns.create_topic(Name=f"topic-{number}")
        for number, _ in enumerate(iam_backends[DEFAULT_ACCOUNT_ID]["aws"].roles.values()):
            iam.create_role(RoleName=f"role-beside-{number}", AssumeRolePolicyDocument="{}")
        for number, _ in enumerate(sns_backends[DEFAULT_ACCOUNT_ID]["ap-southeast-1"].topics.values()):
            sns.create_topic(Name=f"topic-beside-{number}")
        assert len(iam.list_roles()["Roles"]) == 6
        assert len(sns.list_topics()["Topics"]) == 6

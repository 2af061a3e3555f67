"""What an attribute of moto's objects may be called is worked out once, and gives the answers moto would have given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import get_service_model

from aws_rehearsal.patches import core


class DBInstance:
    """Answers to the short names of its own class."""

    identifier = "by class"


class Aliased:
    class Meta:
        serialization_aliases: ClassVar = {"DBInstanceIdentifier": "other"}

    other = "by alias"


FOUND = [
    ({"DBInstanceIdentifier": "by name"}, "by name"),
    ({"db_instance_identifier": "in snake case"}, "in snake case"),
    (SimpleNamespace(db_instance_identifier="attribute"), "attribute"),
    (DBInstance(), "by class"),
    (Aliased(), "by alias"),
    ({}, None),
]


@pytest.mark.parametrize("again", [False, True], ids=["first", "remembered"])
@pytest.mark.parametrize(("found", "value"), FOUND, ids=[str(value) for _, value in FOUND])
def test_an_attribute_is_found_as_moto_finds_it(found: Any, value: str | None, again: bool) -> None:
    shape = get_service_model("rds").shape_for("DBInstance").members["DBInstanceIdentifier"]
    context = AttributePickerContext(obj=found, key="DBInstanceIdentifier", shape=shape, key_path="DBInstance")
    picker = XFormedAttributePicker()
    for _ in range(1 + again):
        assert core.pick(XFormedAttributePicker.__call__, picker, context) == value
    assert XFormedAttributePicker()(context) == value, "no cloud runs here: this is moto's own"


def test_a_transformation_still_applies() -> None:
    shape = get_service_model("rds").shape_for("DBInstance").members["DBInstanceIdentifier"]
    context = AttributePickerContext(
        obj={"DBInstanceIdentifier": "name"}, key="DBInstanceIdentifier", shape=shape, key_path="DBInstance"
    )
    picker = XFormedAttributePicker(response_transformers={"DBInstance.DBInstanceIdentifier": str.upper})
    assert core.pick(XFormedAttributePicker.__call__, picker, context) == "NAME"

"""Which names of a store the grants of a region know."""

from __future__ import annotations

import pytest

from dr_stack.region_arns import Places
from strategy import load


@pytest.mark.parametrize("region", ["ap-southeast-1", "ap-southeast-2"])
def test_the_store_that_an_adopted_one_took_over_from_is_known_too(region: str) -> None:
    """After a failback the old live store stands where it stood: the fence closes it, and late writes are counted in it."""
    strategy = load("dev")
    adopted = tuple(
        each.model_copy(update={"identifier": f"{strategy.prefix}-{each.name}-r0123abcd"}) for each in strategy.stores
    )
    before, after = Places(strategy, region), Places(strategy.model_copy(update={"stores": adopted}), region)
    for old, new in ((before.instances, after.instances), (before.tables, after.tables)):
        assert {*old} < {*new}
        assert [each.rpartition("-")[2] for each in new if each not in old] == ["r0123abcd"]
    assert (before.restored_instances, before.restored_tables) == (after.restored_instances, after.restored_tables)

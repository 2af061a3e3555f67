"""What is measured exists: a bench that breaks is noticed when it is needed."""

from __future__ import annotations

from pathlib import Path

from strategy import load
from tools import bench


def test_a_strategy_of_many_stores_can_be_synthesised(tmp_path: Path) -> None:
    file = tmp_path / "prod.toml"
    file.write_text(bench.many_stores(bench.resolved("prod")), encoding="utf-8")
    many, usual = load(str(file)), load("prod")
    assert len(many.stores) == bench.STORES
    assert len({each.name for each in many.stores}) == bench.STORES
    assert {each.kind for each in many.stores} == {each.kind for each in usual.stores}

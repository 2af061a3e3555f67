"""Every patch of moto's private names still fits the moto that is installed. An upgrade of moto fails here first."""

from __future__ import annotations

import ast
import os
from copy import deepcopy
from importlib.metadata import version
from pathlib import Path

import moto
import pytest
from moto.core.config import default_user_config

from aws_rehearsal import Cloud, patches

REHEARSAL = Path(patches.__file__).parents[2]


def test_moto_is_the_version_the_patches_were_written_for() -> None:
    assert version("moto") == patches.MOTO_VERSION


@pytest.mark.parametrize("each", patches.load(), ids=lambda each: each.label)
def test_the_patched_source_is_unchanged(each: patches.Patch) -> None:
    assert each.current_digest() == each.digest, (
        f"{each.label} changed in this moto: read its new source, adapt the patch ({each.why}), then record the digest"
    )


def test_no_module_outside_patches_assigns_to_moto() -> None:
    """`moto_name.attribute = …` (and setattr on one) is allowed in packages/aws_rehearsal/src/aws_rehearsal/patches only."""
    offenders = []
    for path in REHEARSAL.rglob("*.py"):
        if path.parent == Path(patches.__file__).parent:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = _names_imported_from_moto(tree)
        statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr))
        offenders += [f"{path.relative_to(REHEARSAL)}:{node.lineno}" for node in statements if _assigns_to(node, imported)]
    assert offenders == []


def test_apply_and_undo_leave_moto_as_it_was() -> None:
    undone = [each for each in patches.load() if not each.lasting]
    assert [each.label for each in patches.load() if each.lasting] == ["FakeKey.__del__"]
    before = {each.label: each.original() for each in undone}
    patches.apply()
    patches.apply()
    patches.undo()
    after = {each.label: each.owner.__dict__.get(each.name) for each in undone}
    assert after == before
    assert Path(moto.__file__).exists()


def test_a_cloud_that_has_stopped_leaves_moto_s_settings_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_PORT", "5000")
    before = (dict(os.environ), deepcopy(default_user_config))
    with Cloud(directory=tmp_path / "cloud"):
        assert os.environ["MOTO_PORT"] != "5000"
    assert (dict(os.environ), default_user_config) == before


def _names_imported_from_moto(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "moto":
            names |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names if alias.name.split(".")[0] == "moto"}
    return names


def _assigns_to(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and _root(target) in names for target in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
        return bool(node.args) and _root(node.args[0]) in names
    return False


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""

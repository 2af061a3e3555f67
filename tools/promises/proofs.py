"""Which test proves which statement: the `proves` markers of the tests, read and not run.

A marker is a decorator of a test or of a class of tests, or a module's `pytestmark`; then all tests under it prove the statement.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.promises.statements import FILE, Chapter

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests", "packages/*/tests")


@dataclass(frozen=True)
class Marker:
    path: str
    line: int
    test: str
    """`test_refuses`, `TestGuards`, `TestGuards::test_refuses`; empty: the whole file."""
    ids: tuple[str, ...]
    """Empty: nothing can be read from it, or it stands where it proves nothing."""

    @property
    def name(self) -> str:
        return f"{self.path}::{self.test}" if self.test else self.path

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def markers(root: Path = ROOT) -> tuple[Marker, ...]:
    """By file, and in a file from top to bottom."""
    files = sorted(file for folder in FOLDERS for file in root.glob(f"{folder}/**/*.py"))
    return tuple(each for file in files for each in read(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")))


def read(path: str, text: str) -> list[Marker]:
    """Every `mark.proves` of a file, in a place that counts or not: none is passed over in silence."""
    if "proves" not in text:
        return []
    tree = ast.parse(text)
    is_test = Path(path).name.startswith("test_")
    counted = {id(call.func): (test, call) for test, call in (_calls(tree.body) if is_test else ())}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_marker(node))
    return sorted((_marker(path, node, *counted.get(id(node), ("", None))) for node in found), key=lambda each: each.line)


def _marker(path: str, node: ast.Attribute, test: str, call: ast.Call | None) -> Marker:
    words = [each.value for each in call.args if isinstance(each, ast.Constant)] if call else []
    whole = call is not None and len(words) == len(call.args) and not call.keywords
    return Marker(path, node.lineno, test, tuple(map(str, words)) if whole else ())


def _is_marker(node: ast.Attribute) -> bool:
    return node.attr == "proves" and "mark" in {getattr(node.value, "attr", ""), getattr(node.value, "id", "")}


def _calls(body: Iterable[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Calls of markers that pytest applies to tests, each with what it is applied to."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name.startswith("test"):
                marks, test = node.decorator_list, prefix + node.name
            case ast.ClassDef() if node.name.startswith("Test"):
                marks, test = node.decorator_list, prefix + node.name
                yield from _calls(node.body, f"{test}::")
            case ast.Assign(targets=[ast.Name("pytestmark")], value=ast.List(marks) | ast.Tuple(marks)):
                test = prefix.removesuffix("::")
            case ast.Assign(targets=[ast.Name("pytestmark")]):
                marks, test = [node.value], prefix.removesuffix("::")
            case _:
                continue
        yield from ((test, each) for each in marks if isinstance(each, ast.Call))


def proofs(found: Iterable[Marker], identity: str) -> list[Marker]:
    return [each for each in found if identity in each.ids]


def mistakes(promised: Iterable[Chapter], found: Iterable[Marker]) -> list[str]:
    """One line for each marker that names what is no statement, or names nothing."""
    known = {each.id: each for chapter in promised for each in chapter.statements}
    return [line for marker in found for line in _mistakes(marker, known.keys(), {key for key in known if known[key].later})]


def _mistakes(marker: Marker, known: Iterable[str], later: set[str]) -> Iterator[str]:
    if not marker.ids:
        yield f"{marker.place}: `proves` marks a test, a class or a module of tests, with ids of statements as plain strings"
    for name in marker.ids:
        if name in later:
            yield f"{marker.place}: {name!r} is proven, and {FILE.name} says that it is not kept yet"
        elif name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield f"{marker.place}: {FILE.name} has no statement {name!r}{f'; is it {near[0]!r}?' if near else ''}"

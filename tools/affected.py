"""`make affected`: the tests that a change can reach, and no other.

Enters: the files that differ from `--base` (by default from before the last commit, so that it and what is not committed count).
A file reaches what imports it, what names it (a handler, a module that is started, a template, a data file) and, through these,
tests. Worlds, which deploy everything and take minutes, are named and left to `make test-all`, unless `--worlds` asks for them.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
EVERYTHING = re.compile(r"pyproject\.toml|requirements.*|package(-lock)?\.json|tests/conftest\.py|tests/seconds\..*")
"""What every test stands on: one of these changed, and all of `make test` is reached."""
LOOKS_AT_ALL = ("tests/unit/test_imports.py", "tests/docs/test_promises.py")
"""Tests that read the whole tree."""
WORLDS = (
    "tests/rehearsal/test_alarms.py",
    "tests/rehearsal/test_command_line.py",
    "tests/rehearsal/test_drills.py",
    "tests/rehearsal/test_failback.py",
    "tests/rehearsal/test_output.py",
    "tests/rehearsal/test_region_loss.py",
    "tests/rehearsal/test_restore_faults.py",
    "tests/rehearsal/test_restore_routes.py",
    "tests/rehearsal/test_restore_tests.py",
    "tests/rehearsal/test_runbooks.py",
)
"""Tests that deploy every stack and run every function: whatever is deployed, run, or rehearsed reaches each of them."""
ALSO: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(WORLDS, ("app.py", "recovery/handlers/*", "recovery/requirements.txt", "environments/*")),
    "strategy/model/loader.py": ("environments/*",),
    "packages/aws_rehearsal/src/aws_rehearsal/cloud.py": (
        "packages/aws_rehearsal/src/aws_rehearsal/*/__init__.py",
        "packages/aws_rehearsal/src/aws_rehearsal/region.py",
    ),
    "packages/aws_rehearsal/src/aws_rehearsal/rds/models.py": ("packages/aws_rehearsal/src/aws_rehearsal/rds/urls.py",),
    "packages/aws_rehearsal/src/aws_rehearsal/cloudformation/__init__.py": (
        "packages/aws_rehearsal/src/aws_rehearsal/cloudformation/resources/*",
    ),
    "packages/aws_rehearsal/src/aws_rehearsal/patches/__init__.py": ("packages/aws_rehearsal/src/aws_rehearsal/patches/*",),
    "tests/mutations/__main__.py": ("tests/mutations/*",),
}
"""File → what it reaches without naming it."""
TESTS = ("tests/", "packages/aws_rehearsal/tests/")
ROOTS = ("", "packages/aws_rehearsal/src/", "packages/aws_rehearsal/tests/")
"""Where a module's name begins."""
_DOTTED = re.compile(r"[a-z_][a-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")


class Tree:
    """Which file reaches which. `files` are paths from the root, with the text of those that are Python."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._named = defaultdict(list)
        for path in files:
            if not path.endswith(".py"):
                self._named[PurePosixPath(path).name].append(path)
        self._reaches: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        """Who names a module as a handler: it must be there; what it imports is no matter of a template."""
        for path, text in files.items():
            for needed in self._needs(path, text):
                self._reaches[needed].add(path)

    def reached(self, changed: Collection[str]) -> set[str]:
        """The changed files themselves, and all that they reach."""
        found: set[str] = set()
        waiting = deque([*changed, *(who for path in changed for who in self._names[path])])
        while waiting:
            path = waiting.popleft()
            if path not in found:
                found.add(path)
                waiting += self._reaches[path]
        return found

    def tests(self, changed: Iterable[str]) -> list[str]:
        """The modules of tests that are reached."""
        changed = set(changed)
        reached = set(self._files) if any(EVERYTHING.fullmatch(path) for path in changed) else self.reached(changed)
        found = {path for path in reached if path in self._files and is_test(path)}
        return sorted(found | (set(LOOKS_AT_ALL) & self._files.keys() if changed else set()))

    # ------------------------------------------------------------------ what a file needs
    def _needs(self, path: str, text: str) -> Iterator[str]:
        for pattern in ALSO.get(path, ()):
            yield from (each for each in self._files if PurePosixPath(each).match(pattern))
        if not path.endswith(".py"):
            return
        if path.startswith(TESTS):
            yield from (str(folder / "conftest.py") for folder in PurePosixPath(path).parents)
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Import():
                    yield from (file for alias in node.names for file in self._modules(alias.name))
                case ast.ImportFrom(module=str(package)):
                    yield from (file for alias in node.names for file in self._modules(f"{package}.{alias.name}"))
                case ast.List(elts=words) | ast.Tuple(elts=words):
                    yield from self._started([getattr(word, "value", None) for word in words])
                case ast.Constant(value=str(said)) if said and len(said) < 200:
                    yield from self._spoken_of(said, path)

    def _modules(self, name: str) -> Iterator[str]:
        """The file of a module, of an attribute's module, and the packages that it lies in."""
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            stem = "/".join(parts[:length])
            files = (f"{root}{stem}{end}" for root in ROOTS for end in (".py", "/__init__.py"))
            yield from (file for file in files if file in self._files)

    def _started(self, words: list[object]) -> Iterator[str]:
        """The module of a command: `[…, "-m", "package", …]`."""
        for flag, module in pairwise(words):
            if flag == "-m" and isinstance(module, str):
                yield from self._modules(f"{module}.__main__")

    def _spoken_of(self, said: str, path: str) -> Iterator[str]:
        """A module that is imported by its name, a handler (`package.module.function`), or a file: by its path, beside the one
        that names it, or by its name.
        """
        said = said.partition(":")[0]  # `module:function`, as a command is named: the module is imported
        if _DOTTED.fullmatch(said):
            modules = list(self._modules(said))
            if f"{said.replace('.', '/')}.py" in modules:
                yield from modules
            for module in modules:
                self._names[module].add(path)
        beside = str(PurePosixPath(path).parent / said)
        yield from [each for each in (said, beside) if each in self._files] or self._named.get(PurePosixPath(said).name, [])


def is_test(path: str) -> bool:
    return path.startswith(TESTS) and PurePosixPath(path).name.startswith("test_") and path.endswith(".py")


def read() -> dict[str, str]:
    """Every file of the tree, by its path."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    there = ((name, ROOT / name) for name in listed if name)
    return {name: path.read_text(encoding="utf-8") if name.endswith(".py") else "" for name, path in there if path.is_file()}


def changed(base: str) -> set[str]:
    differing = _git("diff", "--name-only", "-z", base).split("\0")
    new = _git("ls-files", "-z", "--others", "--exclude-standard").split("\0")
    return {*differing, *new} - {""}


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.affected", description=__doc__)
    parser.add_argument("--base", default="HEAD~1", help="what the tree is compared with")
    parser.add_argument("--worlds", action="store_true", help="run the worlds that are reached, too")
    parser.add_argument("--list", action="store_true", help="say which tests, and run none")
    asked = parser.parse_args()
    tests = Tree(read()).tests(changed(asked.base))
    left = [] if asked.worlds else [each for each in tests if each in WORLDS]
    chosen = [each for each in tests if each not in left]
    if left:
        print(f"left to `make test-all`, which deploys them: {' '.join(left)}", file=sys.stderr)
    if asked.list or not chosen:
        print(*chosen, sep="\n")
        return 0
    from tools.suite import PYTEST, lint

    marks = [] if asked.worlds else ["-m", "not extended"]
    return lint() or subprocess.run([*PYTEST, *marks, *chosen], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

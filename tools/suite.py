"""The suite in its two tiers: `make test`, and `make test-all`, which is the same and every other world and seed.

Lint comes first, the types are checked beside the tests. What passed is remembered by a digest of the tree: `make test-all` on
the very tree that `make test` has just passed runs what is left, and says so.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED = ROOT / "build" / "tests" / "passed"
BUNDLES = (ROOT / "build" / "functions.sha256", ROOT / "build" / "functions-signatures.sha256")
WORKERS = 2 * (os.cpu_count() or 1)
"""Two for each processor: half of the time a test waits, for a server or for the clock to find the cloud quiet."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadgroup", "--no-loadscope-reorder")
"""Groups start in the order that tests/conftest.py gives them: the longest first."""
LINT = (
    (("ruff", "format", "--check", "--quiet", "."), "ruff format: run '.venv/bin/ruff format .'"),
    (("ruff", "check", "--quiet", "."), ""),
)
TIERS = {"test": ("-m", "not extended"), "rest": ("-m", "extended"), "all": ()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.suite", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every world and seed: what `make test` leaves out too")
    parser.add_argument("--record", help="append to this file what each test costs")
    parser.add_argument("--only", action="store_true", help="the tests that are named behind it, and nothing else")
    asked, more = parser.parse_known_args()
    record = ["--record", asked.record] if asked.record else []
    if asked.only:
        return run("all", record + more)
    tree = digest()
    if asked.all and tree and PASSED.exists() and PASSED.read_text() == tree:
        print("`make test` has passed on this tree: what follows is the rest")
        return run("rest", record + more)
    PASSED.unlink(missing_ok=True)
    code = lint() or beside_types("all" if asked.all else "test", record + more)
    if code == 0 and not more and digest() == tree:  # with other arguments it may have been less, and the tree may have changed
        PASSED.parent.mkdir(parents=True, exist_ok=True)
        PASSED.write_text(tree)
    return code


def lint() -> int:
    for command, advice in LINT:
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            print(advice, file=sys.stderr)
            return code
    return 0


def beside_types(tier: str, more: list[str]) -> int:
    """Mypy while the tests run; what it says comes after them."""
    with subprocess.Popen(("mypy",), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as types:
        code = run(tier, more)
        said, _ = types.communicate()
    if types.returncode:
        print(said, file=sys.stderr)
    return code or types.returncode


def run(tier: str, more: list[str]) -> int:
    return subprocess.run([*PYTEST, *TIERS[tier], *more], cwd=ROOT, check=False).returncode


def digest() -> str:
    """Of every file that git knows or would add, the bundle, and the day: promises end on days. Empty without git."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        return ""
    found = hashlib.sha256(f"{datetime.now(UTC):%Y-%m-%d} {sys.version}".encode())
    for name in sorted({*listed.stdout.split(b"\0")} - {b""}):
        path = ROOT / os.fsdecode(name)
        found.update(name + b"\0" + (hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""))
    return hashlib.sha256(found.digest() + b"".join(each.read_bytes() for each in BUNDLES if each.exists())).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

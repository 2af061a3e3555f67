"""`make affected` reaches what a change can break: by import, by a name in a string, by a file, and through another file."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.assemblies import ENTERS
from tools.affected import ALSO, ROOT, WORLDS, Tree, is_test, read

FILES = {
    "strategy/__init__.py": "HOME = {'load': 'strategy.model.loader'}",
    "strategy/model/loader.py": "",
    "strategy/model/cron.py": "",
    "strategy/checks/schedule.py": "from strategy.model import cron",
    "recovery/__init__.py": "",
    "recovery/__main__.py": "",
    "recovery/recovery_points.py": "import strategy.checks.schedule",
    "recovery/handlers/monitor.py": "def late():\n    from recovery.recovery_points import newest",
    "dr_stack/monitor.py": "HANDLER = 'recovery.handlers.monitor.handler'",
    "recovery/page.py": "TEMPLATE = 'page.html.j2'",
    "recovery/templates/page.html.j2": "",
    "docs/guide.md": "",
    "tests/stacks/conftest.py": "",
    "tests/stacks/test_monitor.py": "from dr_stack import monitor",
    "tests/recovery/test_page.py": "from recovery import page",
    "tests/recovery/test_started.py": "COMMAND = ['python', '-m', 'recovery', 'status']",
    "tests/unit/test_cron.py": "from strategy.model.cron import runs",
    "tests/unit/test_imports.py": "",
    "tests/docs/test_guide.py": "GUIDE = ROOT / 'docs' / 'guide.md'",
}
ALWAYS = "tests/unit/test_imports.py"


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ("strategy/model/cron.py", {"tests/unit/test_cron.py"}),
        ("strategy/model/loader.py", {"tests/unit/test_cron.py"}),
        ("recovery/recovery_points.py", set()),
        ("recovery/handlers/monitor.py", {"tests/stacks/test_monitor.py"}),
        ("recovery/templates/page.html.j2", {"tests/recovery/test_page.py"}),
        ("recovery/__main__.py", {"tests/recovery/test_started.py"}),
        ("docs/guide.md", {"tests/docs/test_guide.py"}),
        ("tests/stacks/conftest.py", {"tests/stacks/test_monitor.py"}),
        ("tests/unit/test_cron.py", {"tests/unit/test_cron.py"}),
        ("strategy/gone.py", set()),
    ],
)
def test_what_a_change_reaches(changed: str, reached: set[str]) -> None:
    assert Tree(FILES).tests([changed]) == sorted({*reached, ALWAYS})


def test_nothing_changed_reaches_nothing() -> None:
    assert Tree(FILES).tests([]) == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements-dev.txt", "tests/conftest.py"])
def test_what_every_test_stands_on_reaches_all(changed: str) -> None:
    assert Tree(FILES).tests([changed]) == sorted(path for path in FILES if is_test(path))


@cache
def tree() -> Tree:
    return Tree(read())


@cache
def files() -> dict[str, str]:
    return read()


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("changed", ["app.py", "recovery/handlers/monitor.py", "environments/dev.toml", "backup_stack/stack.py"])
def test_what_is_deployed_reaches_every_world(changed: str, world: str) -> None:
    assert world in tree().tests([changed])


def test_the_table_names_every_world() -> None:
    """Whatever deploys all stacks, here or by the command, is in it: it would take minutes."""
    deploys = re.compile(r'\bdeploy_and_load\(|"rehearsal", "run"|\bwatched\(|\beach_trial\b|\brehearsed:')
    found = {
        path for path, text in files().items() if is_test(path) and path.startswith("tests/rehearsal/") and deploys.search(text)
    }
    assert found == set(WORLDS)


def test_no_module_of_the_product_reaches_no_test() -> None:
    """What is found by its folder or by a name in a string, too; the table `ALSO` says what this cannot see."""
    mine = re.compile(r"(strategy|components|\w+_stack|recovery|rehearsal)/.*\.py")
    untested = [path for path in files() if mine.fullmatch(path) and not any(map(is_test, tree().reached([path])))]
    assert untested == []


def test_every_file_of_the_tables_is_there() -> None:
    assert [path for path in (*WORLDS, *ALSO) if path not in files()] == []


def test_what_a_synthesis_imports_is_in_the_digest_of_assemblies() -> None:
    """Or a change of it would leave yesterday's templates in place."""
    outside = ("tests/", "tools/", "rehearsal/", "recovery/")
    ours = [
        path for path in files() if path.endswith(".py") and path.split("/")[0] not in ENTERS and not path.startswith(outside)
    ]
    assert [path for path in ours if "app.py" in tree().reached([path])] == []
    assert all((ROOT / each).exists() for each in ENTERS)
